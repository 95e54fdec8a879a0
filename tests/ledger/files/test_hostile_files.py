"""Broken and hostile files: each is a problem with a place, found with bounded work."""

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_LEDGER, RunPunchcard, git
from tests.ledger.files.hostile_ledger import CUSTOMER, FILE, LONGEST, check
from tests.ledger.files.memory_files import check_files


def fill(line: bytes) -> bytes:
    """Return as many lines, each with its number, as a file has room for beside a few others."""
    count = 250_000 // len(line % ((9_999,) * line.count(b"%d")))
    return b"".join(line % ((number,) * line.count(b"%d")) for number in range(count))


LAUGHS = b"".join(
    b"l%d: &l%d [%s]\n"
    % (level, level, b", ".join([b"*l%d" % (level - 1)] * 9) if level else b"lol")
    for level in range(10)
)

ENCODE, REPLACE = CUSTOMER.decode().encode, CUSTOMER.replace
TAB, CONFLICT = "a tab stands where spaces belong", "a merge conflict is not resolved"
SECOND = "a second document begins here; a file has one"
DIRECTIVE = "YAML directives are not used in a ledger"
AS_KEY = "a list or mapping stands where a key belongs"
ANCHORS, ALIASES = "anchors are not used in a ledger", "aliases are not used in a ledger"
TAGS, KEYS = "tags are not used in a ledger", "merge keys are not used in a ledger"
DEEP, LARGE = "nested deeper than 20 levels", "the file is larger than 256 KiB"
UNREADABLE = [
    # characters
    (ENCODE("utf-16"), "1:1", "the file is UTF-16, not UTF-8"),
    (ENCODE("utf-32"), "1:1", "the file is UTF-16, not UTF-8"),
    (ENCODE("utf-16-le"), "1:2", "the character U+0000 may not stand in YAML"),
    (REPLACE(b"Acme ", b"Acme\0"), "1:11", "the character U+0000 may not stand in YAML"),
    (REPLACE(b"Acme ", b"\x1b[31m"), "1:7", "the character U+001B may not stand in YAML"),
    (REPLACE(b"Acme", b"\xff"), "1:7", "the byte 0xFF is not UTF-8"),
    (CUSTOMER + b"# caf\xc3", "4:6", "the byte 0xC3 is not UTF-8"),
    (REPLACE(b"Acme", b"\xed\xa0\x80"), "1:7", "the byte 0xED is not UTF-8"),
    # tabs and conflicts
    (CUSTOMER + b"licences:\n\t- product: Trace\n", "5:1", TAB),
    (REPLACE(b"key: ", b"key:\t"), "2:5", TAB),
    (REPLACE(b"ACME", b"ACME\t"), "2:10", TAB),
    (b"<<<<<<< HEAD\n%b=======\n%b>>>>>>> theirs\n" % (CUSTOMER, CUSTOMER), "1:1", CONFLICT),
    (CUSTOMER + b">>>>>>> theirs\r\n", "4:1", CONFLICT),
    # keys
    (CUSTOMER + b"key: ACME\n", "4:1", "the key 'key' is there twice"),
    (CUSTOMER + b'"\\x6bey": ACME\n', "4:1", "the key 'key' is there twice"),
    (CUSTOMER + b"services: [{x: {y: [{z: 1, z: 1}]}}]\n", "4:28", "the key 'z' is there twice"),
    (CUSTOMER + b"<<: {name: Bolt}\n", "4:1", f"the merge key <<: {KEYS}"),
    (b"[name]: Acme\n", "1:1", AS_KEY),
    # anchors, aliases and tags
    (REPLACE(b"key: ", b"key: &k "), "2:6", f"the anchor &k: {ANCHORS}"),
    (REPLACE(b"key: ", b"&k key: "), "2:1", f"the anchor &k: {ANCHORS}"),
    (LAUGHS, "1:5", f"the anchor &l0: {ANCHORS}"),
    (REPLACE(b"ACME", b"*k"), "2:6", f"the alias *k: {ALIASES}"),
    (CUSTOMER + b"*k : x\n", "4:1", f"the alias *k: {ALIASES}"),
    (REPLACE(b"ACME", b"!!python/object/apply:x [id]"), "2:6", f"!!python/object/apply:x: {TAGS}"),
    (REPLACE(b"ACME", b"!key ACME"), "2:6", f"the tag !key: {TAGS}"),
    (REPLACE(b"ACME", b"! ACME"), "2:6", f"the tag !: {TAGS}"),
    # documents
    (CUSTOMER + b"---\n" + CUSTOMER, "4:1", SECOND),
    (CUSTOMER + b"...\n---\n", "5:1", SECOND),
    (b"%YAML 1.2\n---\n" + CUSTOMER, "1:1", DIRECTIVE),
    (b"%TAG ! tag:x,2026:\n---\n" + CUSTOMER, "1:1", DIRECTIVE),
    # depth and size
    (b"[" * 10_000 + b"]" * 10_000, "1:21", DEEP),
    (b"{a: " * 10_000 + b"}" * 10_000, "1:81", DEEP),
    (b"- " * 10_000, "1:41", DEEP),
    (b"? " * 10_000, "1:3", AS_KEY),
    (b"[" * 200_000, "1:21", DEEP),
    (b"#" * (256 * 1024 + 1), "1:1", LARGE),
    (b"a" * 50_000_000, "1:1", LARGE),
]
MISSHAPEN = [
    *((text, "1:1", "the file is empty") for text in (b"", b"# nothing\n\n", b"  \n\n  \n")),
    (b"---\n", "2:1", "the file is empty"),
    (b"<!DOCTYPE html>\n<html>502</html>\n", "1:1", "the file must be a mapping (`key: value` l"),
    (b'{"name": "Acme", "key": "ACME"}', "1:1", "the key 'currency' is missing"),
]
BROKEN = [("yaml-syntax", *row) for row in UNREADABLE] + [("schema", *row) for row in MISSHAPEN]


@pytest.mark.parametrize(
    ("rule", "content", "place", "message"), BROKEN, ids=(f"{row[2]} {row[3]}" for row in BROKEN)
)
def test_a_broken_file_is_a_problem_with_a_place(
    rule: str, content: bytes, place: str, message: str, root: Path, punchcard: RunPunchcard
) -> None:
    (root / FILE).write_bytes(content)
    ran = check(root, punchcard)
    assert ran.status == 1
    [line] = [line for line in ran.stdout.splitlines() if line.startswith(f"{FILE}:{place}: ")]
    assert f"error[{rule}]: " in line
    assert message in line


def test_the_same_is_found_at_a_revision(root: Path, punchcard: RunPunchcard) -> None:
    for number, (_rule, content, _place, _message) in enumerate(BROKEN):
        if len(content) < 1_000_000:
            folder = root / "customers" / f"customer-{number}"
            folder.mkdir()
            (folder / "customer.yml").write_bytes(content)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "Everything that is broken")
    in_work_tree = check(root, punchcard, "--format", "json")
    at_revision = check(root, punchcard, "--format", "json", "--rev", "HEAD")
    assert at_revision.stdout == in_work_tree.stdout


ALIKE = {
    "byte order mark": b"\xef\xbb\xbf" + CUSTOMER,
    "CRLF": CUSTOMER.replace(b"\n", b"\r\n"),
    "CR alone": CUSTOMER.replace(b"\n", b"\r"),
    "byte order mark and CRLF": b"\xef\xbb\xbf" + CUSTOMER.replace(b"\n", b"\r\n"),
    "no line end at the end": CUSTOMER.rstrip(),
    "document start and end": b"---\n" + CUSTOMER + b"...\n",
    "comments with tabs": CUSTOMER + b"#\ta\tb\n",
    "comment after a value with a tab": CUSTOMER.replace(b"ACME", b"ACME #\twho"),
    "256 KiB exactly": CUSTOMER + b"#" * (256 * 1024 - len(CUSTOMER)),
    "as deep as is allowed, and empty": CUSTOMER + b"licences: []\nservices:\n",
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_makes_no_difference_makes_none(
    name: str, root: Path, punchcard: RunPunchcard
) -> None:
    (root / FILE).write_bytes(ALIKE[name])
    ran = check(root, punchcard, "--strict")
    assert ran.stdout.startswith("1 file, 1 record: 0 errors, 0 warnings")


@pytest.mark.parametrize("name", ["byte order mark", "CRLF", "byte order mark and CRLF"])
def test_problems_are_the_same_with_other_line_ends(
    name: str, root: Path, punchcard: RunPunchcard
) -> None:
    def find(content: bytes) -> str:
        (root / FILE).write_bytes(content)
        return check(root, punchcard, "--format", "json").stdout

    plain = find(CUSTOMER.replace(b"USD", b"usd"))
    assert '"line": 3' in plain
    assert find(ALIKE[name].replace(b"USD", b"usd")) == plain


def test_a_tab_inside_a_text_is_text(root: Path, punchcard: RunPunchcard) -> None:
    (root / FILE).write_bytes(CUSTOMER.replace(b"Acme Robotics", b"'Acme\tRobotics'"))
    assert check(root, punchcard).status == 0


SLOW = {
    # Each would take minutes if anything in the way of a file to its problems were quadratic.
    "many tabs in texts": CUSTOMER + b"services:\n" + b"  - {name: 'a\t\t\t\t\t\t'}\n" * 9_000,
    "many numbers after values": CUSTOMER + b"services:\n" + b"  - name: a #1\n" * 17_000,
    "many numbers below values": CUSTOMER + b"services:\n" + b"- a: b\n   #1\n" * 20_000,
    "many tabs in one comment": CUSTOMER + b"#" + b"\t" * 250_000,
    "many unknown keys": CUSTOMER + b"".join(b"k%d:\n" % n for n in range(30_000)),
    "many misspelt keys": b"".join(b"nam%d: x\n" % n for n in range(20_000)),
    "many bad items": CUSTOMER + b"services:\n" + b"  - {}\n" * 30_000,
    "a long unknown key": CUSTOMER + b"? " + b"n" * 250_000 + b"\n: x\n",
    "a long currency": CUSTOMER.replace(b"USD", b"U" * 250_000),
    "many quotes": CUSTOMER.replace(b"Acme", b"'" + b"''" * 100_000 + b"'"),
    "many line ends": CUSTOMER + b"\n" * 250_000 + b"bad",
    "many empty items": b"- " + b"\n- " * 80_000,
    "flow without an end": b"[" + b"a," * 120_000,
    "colons": b"a:" * 120_000,
    "question marks": b"? a\n" * 60_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_work_is_bounded_by_the_size_of_the_file(
    name: str, root: Path, punchcard: RunPunchcard
) -> None:
    content = SLOW[name]
    assert len(content) <= 256 * 1024
    (root / FILE).write_bytes(content)
    check(root, punchcard)


@pytest.mark.parametrize("item", [b"{},", b"[],", b"- {}\n", b"-\n", b"- a: b\r\n"])
def test_a_list_of_nothing_good_takes_no_time(
    item: bytes, root: Path, punchcard: RunPunchcard
) -> None:
    items = item * ((256 * 1024 - 2) // len(item))
    (root / "customers" / "acme" / "purchases.yml").write_bytes(
        b"[" + items + b"]" if item.endswith(b",") else items
    )
    assert len(check(root, punchcard).stdout) < 100_000


CARD = b"- {id: %d,date: 2026-11-01,punchcards: %d,amount: 1,price_note: x}\n"


@pytest.mark.parametrize(("purchases", "cards"), [(1, 999_999_999), (2, 5_001), (3_600, 100)])
def test_no_customer_has_more_cards_than_can_be_computed_with(
    purchases: int, cards: int, root: Path, punchcard: RunPunchcard
) -> None:
    file = root / "customers" / "acme" / "purchases.yml"
    file.write_bytes(b"".join(CARD % (number, cards) for number in range(purchases)))
    ran = check(root, punchcard)
    assert "error[schema]: " in ran.stdout
    assert "punchcards so far; a customer may have 10,000" in ran.stdout


def test_thousands_of_purchases_are_drawn_down_in_no_time(
    root: Path, punchcard: RunPunchcard
) -> None:
    file = root / "customers" / "acme" / "purchases.yml"
    file.write_bytes(b"".join(CARD % (number, 2) for number in range(3_600)))
    check(root, punchcard)


START = {name: (SAMPLE_LEDGER / name).read_bytes() for name in ("provider.yml", "terms.yml")} | {
    "consultants.yml": b"- {handle: alice, name: A, emails: [a@tools.example]}\n",
    "acme/customer.yml": CUSTOMER,
}
SOLD = b"title: x\ncategory: onboarding\nopened: 2025-01-01\nopened_by: alice\nchannel: punchcard\n"
EVENTS, REQUEST = SOLD + b"history:\n", "acme/requests/ACME-1.yml"
ENTRIES = fill(b"- {id: %d,date: 2026-11-02,request: ACME-1,minutes: 15,note: x}\n")
WORK = {"acme/time/2026-11-alice.yml": ENTRIES}
LICENCE = b"- {product: P%d,type: evaluation,until: 2020-01-01}\n"
CLOSED = b"- {date: 2026-01-01,by: alice,status: closed,note: %d}\n"
SAME_DAY = b"2025-01-01," * 21_000
REFUND = (
    b"- {id: A%d,type: refund,purchase: P%d,date: 2026-11-03,minutes: 300,amount: 0,reason: x}\n"
)
MANY = {
    "licences": {
        "acme/customer.yml": CUSTOMER + b"licences:\n" + fill(LICENCE),
        REQUEST: SOLD.replace(b"punchcard", b"support"),
        **WORK,
    },
    "events": {REQUEST: EVENTS + fill(CLOSED), **WORK},
    "accounts": {
        "acme/accounts.yml": fill(b"- {email: d%d@a,name: x,created: 2025-01-01}\n"),
        REQUEST: EVENTS + fill(b"- {date: 2026-01-01,by: d%d@a,note: x}\n"),
    },
    "reactivations": {
        "acme/accounts.yml": b"- {email: d@a,name: x,created: 2025-01-01,reactivated: [%b]}\n"
        % SAME_DAY,
        REQUEST: EVENTS + fill(b"- {date: 2026-01-01,by: d@a,note: %d}\n"),
    },
    "refunds": {
        "acme/purchases.yml": fill(b"- {id: P%d,date: 2025-01-01,punchcards: 1,amount: 1}\n"),
        "acme/adjustments.yml": fill(REFUND),
    },
}


@pytest.mark.parametrize("name", MANY)
def test_work_grows_with_the_records_not_with_their_square(name: str) -> None:
    started = time.process_time()
    check_files(START | MANY[name])
    assert time.process_time() - started < LONGEST


def test_of_a_file_with_many_problems_the_first_are_shown(
    root: Path, punchcard: RunPunchcard
) -> None:
    (root / FILE).write_bytes(CUSTOMER + b"services:\n" + b"  - {}\n" * 1_000)
    report = json.loads(check(root, punchcard, "--format", "json").stdout)
    assert (report["errors"], len(report["problems"])) == (1_000, 101)
    assert [problem["line"] for problem in report["problems"]] == [*range(5, 105), 104]
    assert report["problems"][-1]["message"] == "and 900 more errors in this file"


def test_many_files_of_bad_records_cost_little(root: Path, punchcard: RunPunchcard) -> None:
    time_files = (root / FILE).parent / "time"
    time_files.mkdir(exist_ok=True)
    for number in range(8):
        (time_files / f"2026-12-u{number}.yml").write_bytes(b"- a: b\r\n" * 32_768)
    started = time.process_time()
    report = json.loads(check(root, punchcard, "--format", "json").stdout)
    assert time.process_time() - started < LONGEST / 2
    assert report["errors"] > 8 * 32_768
    shown = [each for each in report["problems"] if each["file"].endswith("u7.yml")]
    assert (shown[0]["line"], shown[-1]["line"]) == (1, 17)


def test_a_bad_record_after_many_good_ones_has_its_place() -> None:
    good = b"- {email: a%d@acme.example, name: A, created: 2026-01-12, removed: 2026-01-12}\n"
    lines = b"".join(good % number for number in range(2_000)) + b"- {}\n"
    problems = check_files(START | {"acme/accounts.yml": lines}).problems
    assert [each.position.line for each in problems if each.rule == "schema"] == [2_001] * 3


def test_of_a_ledger_with_many_problems_the_first_are_shown(
    root: Path, punchcard: RunPunchcard
) -> None:
    for number in range(15):
        folder = root / "customers" / f"c{number:02}"
        folder.mkdir()
        (folder / "customer.yml").write_bytes(CUSTOMER.replace(b"ACME", b"C%d" % number))
        (folder / "purchases.yml").write_bytes(b"- {}\n" * 100)
    report = json.loads(check(root, punchcard, "--format", "json").stdout)
    assert (report["errors"], len(report["problems"])) == (15 * 400, 1_001)
    assert report["problems"][-1]["message"] == "and 5,000 more errors in this ledger"


def test_no_warning_hides_an_error(root: Path, punchcard: RunPunchcard) -> None:
    (root / FILE).write_bytes(CUSTOMER + b"services:\n" + b"- name: a #1\n" * 200 + b"- {}\n")
    ran = check(root, punchcard)
    assert ran.status == 1
    assert "error[schema]: the key 'name' is missing" in ran.stdout
    assert "warning[lost-text]: and 101 more warnings in this file" in ran.stdout
    assert ": 1 error, 200 warnings" in ran.stdout


@pytest.mark.parametrize(
    "escape", [r"\0", r"\e[31m", r"\a", r"\r", r"\N", r"\x9b", r"\uFEFF", r"\u202E"]
)
def test_no_escape_spells_a_control_character(
    escape: str, root: Path, punchcard: RunPunchcard
) -> None:
    (root / FILE).write_bytes(CUSTOMER.replace(b"Acme Robotics", f'"Acme {escape}"'.encode()))
    shown = check(root, punchcard).stdout
    assert "1:7: error[yaml-syntax]: the escape of U+" in shown
    assert "\x1b" not in shown


def test_escapes_of_other_characters_are_text(root: Path, punchcard: RunPunchcard) -> None:
    text = r'"Acme \t \n \\ \u00e9"' + " # \u202b\n"
    (root / FILE).write_bytes(CUSTOMER.replace(b"Acme Robotics", text.encode()))
    assert check(root, punchcard, "--strict").status == 0


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FileNotFoundError(2, "No such file"), "the file is not there any more"),
        (PermissionError(13, "Permission denied"), "cannot be read: Permission denied"),
        (OSError(40, "Too many levels of symbolic links"), "cannot be read: Too many"),
        (OSError(), "cannot be read: OSError"),
    ],
)
@pytest.mark.parametrize("path", ["acme/customer.yml", "acme/purchases.yml", "provider.yml"])
def test_a_file_that_cannot_be_read_is_a_problem(error: OSError, message: str, path: str) -> None:
    def fail(wanted: str) -> None:
        if wanted == path:
            raise error

    report = check_files({"acme/customer.yml": CUSTOMER, path: b""}, fail)
    [problem] = report.problems
    assert str(problem).startswith(f"customers/{path}:1:1: error[yaml-syntax]: {message}")


def test_a_file_that_grows_while_it_is_read_is_too_large() -> None:
    class Growing(dict[str, bytes]):
        def items(self) -> Iterator[tuple[str, bytes]]:  # type: ignore[override]  # enough here
            yield "acme/customer.yml", CUSTOMER

    report = check_files(Growing({"acme/customer.yml": b"#" * 300_000}))
    [problem] = report.problems
    assert problem.message == "the file is larger than 256 KiB"


def test_an_unreadable_file_is_a_problem(
    root: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_file = os.open

    def refuse(path: str, *arguments: int, **options: Any) -> int:
        # Root may read everything, so a mode is no obstacle.
        if str(path).endswith("acme/accounts.yml"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_file(path, *arguments, **options)

    (root / "customers" / "acme" / "accounts.yml").write_text("")
    monkeypatch.setattr(os, "open", refuse)
    ran = check(root, punchcard)
    assert "accounts.yml:1:1: error[yaml-syntax]: cannot be read: Permission denied" in ran.stdout


def test_files_are_read_where_yaml_has_no_parser_in_c() -> None:
    lacks = "import sys; sys.modules['yaml._yaml'] = None"
    reads = "from ledger.files.yaml import parse_yaml; print(parse_yaml(b'- {id: P1}'))"
    command = [sys.executable, "-P", "-c", f"{lacks}; {reads}"]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (ran.stdout, ran.stderr) == ("[{'id': 'P1'}]\n", "")
