"""The plain-text accounting programs that a check is measured against, and their journals.

The journals say the same as the synthetic ledger: a transaction an entry. For Beancount each
punchcard is a lot, taken first in, first out; what a correction gives back goes to the lot that
was being used.
"""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.synthetic_ledger import (
    CARD_MINUTES,
    FIRST_DAY,
    CustomerLife,
    Entry,
    make_lives,
)

_READ_BEANCOUNT = """\
import collections, json, sys
from beancount import loader
from beancount.core import data
entries, errors, _options = loader.load_file(sys.argv[1])
left = collections.Counter()
for entry in data.filter_txns(entries):
    for posting in entry.postings:
        if posting.units.currency == "MIN":
            left[posting.account] += int(posting.units.number)
print(json.dumps({} if errors else left))
"""


def write_journals(folder: Path, entries: int, customers: int) -> dict[str, list[str]]:
    """Write the journals of a synthetic ledger.

    Returns:
        the command that reads and checks one, for each program that is installed.
    """
    plain, lots = folder / "punchcards.journal", folder / "punchcards.beancount"
    with plain.open("w") as plain_stream, lots.open("w") as lots_stream:
        plain_stream.write("commodity min\n\n")
        for life in make_lives(entries, customers):
            plain_stream.writelines(_write_plain(life))
            lots_stream.writelines(_write_lots(life))
    bean_check = str(Path(sys.executable).with_name("bean-check"))
    commands = {
        "ledger": ["ledger", "-f", str(plain), "balance", "^cards", "--depth", "1"],
        "hledger check": ["hledger", "-f", str(plain), "check"],
        "bean-check": [bean_check, "--no-cache", str(lots)],
    }
    return {name: each for name, each in commands.items() if shutil.which(each[0])}


def read_minutes(name: str, folder: Path) -> dict[str, int]:
    """Return what each customer has left, as one of the programs says."""
    plain = str(folder / "punchcards.journal")
    if name == "bean-check":
        lots = str(folder / "punchcards.beancount")
        left = json.loads(_ask(sys.executable, "-c", _READ_BEANCOUNT, lots))
        return {
            account.rpartition(":")[2].lower(): minutes
            for account, minutes in left.items()
            if account.startswith("Assets")
        }
    if name == "ledger":
        form = "%(account),%(quantity(scrub(total)))\n"
        options = ("--flat", "--empty", "--no-total", "--format", form)
    else:
        options = ("--flat", "-E", "-N", "-O", "csv")
    said = _ask(name.split(maxsplit=1)[0], "-f", plain, "balance", "^cards:", *options)
    return {
        account.removeprefix("cards:"): int(amount.removesuffix(" min"))
        for account, amount in csv.reader(io.StringIO(said))
        if account.startswith("cards:")
    }


def _write_plain(life: CustomerLife) -> Iterator[str]:
    for day, count in life.purchases:
        yield f"{day} * Sale\n    cards:{life.slug}  {count * CARD_MINUTES} min\n    sold\n\n"
    for entry in _list_entries(life):
        yield f"{entry.day} * ({entry.id}) {entry.note}\n    cards:{life.slug}  "
        yield f"{-entry.minutes} min\n    used:{life.slug}:{entry.request}\n\n"


def _write_lots(life: CustomerLife) -> Iterator[str]:
    account, used = f"Assets:Cards:{life.slug.title()}", f"Expenses:Used:{life.slug.title()}"
    yield f'{FIRST_DAY} open {account} MIN "FIFO"\n{FIRST_DAY} open {used}\n'
    lots: list[str] = []
    for day, count in life.purchases:
        new = [f'{{3.33 USD, {day}, "{len(lots) + card}"}}' for card in range(count)]
        lots += new
        legs = "".join(f"  {account}  {CARD_MINUTES} MIN {lot}\n" for lot in new)
        yield f'{day} * "Sale"\n{legs}  {used}\n\n'
    drawn = 0
    for entry in _list_entries(life):
        lot = lots[drawn // CARD_MINUTES] if entry.minutes < 0 else "{}"
        yield f'{entry.day} * "{entry.id} {entry.note}"\n'
        yield f"  {account}  {-entry.minutes} MIN {lot}\n  {used}\n\n"
        drawn += entry.minutes


def _list_entries(life: CustomerLife) -> list[Entry]:
    """Return all entries by day, what takes back after what was logged."""
    entries = (entry for sheet in life.sheets.values() for entry in sheet)
    return sorted(entries, key=lambda entry: (entry.day, bool(entry.corrects)))


def _ask(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
