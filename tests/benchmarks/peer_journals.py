"""The journals of other programs, written from a ledger's records: the same facts, their words.

Ledger and hledger get a transaction an entry, between the customer's cards and the request.
Beancount gets each punchcard as a lot and takes first what came in first, by itself; what a
correction gives back goes to the lot that it was taken from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from ledger.balance.draw_down import draw_down
from ledger.balance.movements import Draw, Movement, MovementKind
from ledger.ledger import Ledger

PLAIN_NAME = "punchcards.journal"
BEANCOUNT_NAME = "punchcards.beancount"
_CENTS_A_MINUTE = "3.33"
_FIRST_DAY = date(2024, 1, 1)


def write_plain_journal(ledger: Ledger, as_of: date, folder: Path) -> Path:
    """Write what ``ledger`` and ``hledger`` read."""
    file = folder / PLAIN_NAME
    with file.open("w", encoding="utf-8") as stream:
        stream.write("commodity min\n\n")
        for slug, movements in _list_movements(ledger, as_of):
            stream.writelines(_write_plain(slug, movement) for movement in movements)
    return file


def write_beancount_journal(ledger: Ledger, as_of: date, folder: Path) -> Path:
    """Write what ``bean-check`` reads."""
    file = folder / BEANCOUNT_NAME
    with file.open("w", encoding="utf-8") as stream:
        stream.write('option "operating_currency" "USD"\n')
        for slug, movements in _list_movements(ledger, as_of):
            stream.writelines(_write_beancount(slug, movements))
    return file


def name_beancount_account(slug: str) -> str:
    """Return the account that holds a customer's cards."""
    return f"Assets:Cards:{slug.title()}"


def _list_movements(ledger: Ledger, as_of: date) -> Iterator[tuple[str, tuple[Movement, ...]]]:
    for folder in ledger.read_customers():
        drawn = draw_down(folder.records, ledger.organization.terms, as_of)
        if drawn.uncovered:
            raise ValueError(f"{folder.slug} is overdrawn: other programs do not settle that")
        yield folder.slug, drawn.movements


def _write_plain(slug: str, movement: Movement) -> str:
    account = movement.request or movement.kind.value
    note = " ".join((movement.note or movement.kind.value).split()).replace(";", ",")
    return (
        f"{movement.date} * ({movement.reference}) {note}\n"
        f"    cards:{slug}  {movement.minutes} min\n"
        f"    used:{slug}:{account}\n\n"
    )


def _write_beancount(slug: str, movements: Iterable[Movement]) -> Iterator[str]:
    account = name_beancount_account(slug)
    used = account.replace("Assets:Cards", "Expenses:Used")
    yield f'{_FIRST_DAY} open {account} MIN "FIFO"\n{_FIRST_DAY} open {used}\n'
    lots: dict[str, date] = {}
    for movement in movements:
        if movement.kind is MovementKind.PURCHASE:
            lots.update(_name_lots(movement))
        yield f'{movement.date} * "{_quote(movement)}"\n'
        yield "".join(f"  {account}  {line}\n" for line in _write_legs(movement, lots))
        yield f"  {used}\n\n"


def _name_lots(movement: Movement) -> dict[str, date]:
    cards = range(1, movement.minutes // _CARD_MINUTES + 1)
    return {f"{movement.reference}/{card}": movement.date for card in cards}


_CARD_MINUTES = 300


def _write_legs(movement: Movement, lots: dict[str, date]) -> Iterator[str]:
    if movement.kind is MovementKind.PURCHASE:
        for lot in _name_lots(movement):
            yield f'{_CARD_MINUTES} MIN {{{_CENTS_A_MINUTE} USD, {movement.date}, "{lot}"}}'
    elif movement.kind is MovementKind.CORRECTION:
        yield from (_give_back(draw, lots) for draw in movement.draws)
    else:
        yield f"{movement.minutes} MIN {{}}"


def _give_back(draw: Draw, lots: dict[str, date]) -> str:
    return f'{-draw.minutes} MIN {{{_CENTS_A_MINUTE} USD, {lots[draw.lot]}, "{draw.lot}"}}'


def _quote(movement: Movement) -> str:
    return f"{movement.reference} {movement.note or movement.kind.value}".replace('"', "'")
