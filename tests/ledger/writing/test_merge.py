"""Merges of a ledger's files, record by record."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.files.yaml import parse_yaml
from ledger.writing.merge import merge_files
from tests.ledger.writing.small_ledger import CUSTOMER

SHEET = CUSTOMER["customers/acme/time/2026-06-alice.yml"]
ACCOUNTS = CUSTOMER["customers/acme/accounts.yml"]
RENAMED, SEEN = ACCOUNTS.replace("Dana Whitfield ", "Dana White"), "  last_sign_in: 2026-06-01\n"
REQUEST = CUSTOMER["customers/acme/requests/ACME-1.yml"]


def entry(name: str, minutes: int = 45, note: str = "Call.") -> str:
    rest = f"request: ACME-1\n  minutes: {minutes}\n  note: {note}\n"
    return f"- id: {name}\n  date: 2026-06-04\n  {rest}"


def history(*events: str) -> str:
    """Return the request with events, each its day and its note: ``3x``."""
    lines = (f"  - {{date: 2026-06-0{at[0]}, by: alice, note: {at[1]}}}\n" for at in events)
    return f"{REQUEST}history:\n{''.join(lines)}"


def merge(base: str, ours: str, theirs: str) -> str:
    merged = merge_files(base.encode(), ours.encode(), theirs.encode())
    assert merged.conflicts == ()
    return merged.content.decode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("head", ["", "---\n# head\n", "\ufeff"])
def test_what_both_sides_added_is_there_once(end: str, head: str) -> None:
    base, ours, theirs, merged = (
        (head + SHEET + "".join(map(entry, more))).replace("\n", end)
        for more in ((), ("04-1-abc",), ("04-1-xyz",), ("04-1-abc", "04-1-xyz"))
    )
    assert merge(base, ours, theirs) == merged
    assert merge(base, merged, theirs) == merged
    assert merge(base, ours, merged) == merged
    assert merge("", ours, merged) == merged
    assert merge(base, base, theirs) == theirs


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        # Each side changes another entry, and its comments; an unended last line gets an end.
        (
            f"# a\n{entry('1')}# b\n{entry('2')}",
            f"# A\n{entry('1', 60)}# b\n{entry('2')}# end",
            f"# a\n{entry('1')}# B\n{entry('2', note='Mail.')}",
            f"# A\n{entry('1', 60)}# B\n{entry('2', note='Mail.')}# end\n",
        ),
        # Each side changes another field of one record.
        (ACCOUNTS, ACCOUNTS + SEEN, RENAMED, RENAMED + SEEN),
        (
            ACCOUNTS,
            ACCOUNTS + SEEN,
            f"{ACCOUNTS}  key_hash: x\n",
            f"{ACCOUNTS}  key_hash: x\n{SEEN}",
        ),
        # One side removes what the other left alone, and layout alone is no change.
        (entry("1") + entry("2"), entry("2"), entry("1") + entry("2"), entry("2")),
        (
            entry("1") + entry("2"),
            entry("2") + entry("3"),
            entry("1") + "\n" + entry("2"),
            entry("2") + entry("3"),
        ),
        ("[]\n", entry("1"), entry("2"), entry("1") + entry("2")),
        ("# none\n[]\n", "# none\n" + entry("1"), "# none\n[]\n", "# none\n" + entry("1")),
        # Events come in the order of their days, ours first.
        (REQUEST, history("5a"), history("4b"), history("4b", "5a")),
        (
            history("3x"),
            history("3x", "5a").replace("on", "ON"),
            history("3x", "5b", "6c"),
            history("3x", "5a", "5b", "6c").replace("on", "ON"),
        ),
        # An event that both sides mend alike is one; the same event twice is two events.
        (history("3x"), history("3y", "5a"), history("3y"), history("3y", "5a")),
        (history("3x"), history("3x", "3x"), history("3x", "4y"), history("3x", "3x", "4y")),
    ],
)
def test_each_side_keeps_what_it_changed(base: str, ours: str, theirs: str, merged: str) -> None:
    assert merge(base, ours, theirs) == merged


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "said"),
    [
        (SHEET, SHEET + entry("04-1"), SHEET + entry("04-1", 60), "04-1: two records have this id"),
        (entry("1"), entry("1", 60), entry("1", 75), "1: both sides changed it"),
        (
            entry("2") + entry("1"),
            entry("2"),
            entry("2") + entry("1", 60),
            "1: one side changed it",
        ),
        (REQUEST, REQUEST.replace("Single", "A"), REQUEST.replace("Single", "B"), "title: both"),
        ("", REQUEST, REQUEST.replace("Single", "Double"), "punchcard request renumber"),
        (SHEET, SHEET + "- {", SHEET + entry("2"), "it cannot be read"),
        (SHEET, SHEET + entry("2") * 2, SHEET + entry("3"), "there twice on one side"),
        (history("3x"), history("3y"), history("3z"), "history: both sides changed it"),
    ],
)
def test_two_records_of_one_id_stay_a_conflict_with_both_whole(
    base: str, ours: str, theirs: str, said: str
) -> None:
    merged = merge_files(base.encode(), ours.encode(), theirs.encode())
    assert len(merged.conflicts) == 1
    assert said in merged.conflicts[0]
    text = merged.content.decode()
    before, _, rest = text.partition("<<<<<<< ours\n")
    mine, _, rest = rest.partition("=======\n")
    other, _, after = rest.partition(">>>>>>> theirs\n")
    assert f"{before}{mine}{after}".rstrip() == ours.rstrip()
    assert f"{before}{other}{after}".rstrip() == theirs.rstrip()


RECORDS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([15, 30, 45]), max_size=6)
LAYOUTS: list[Callable[[str, int], str]] = [
    entry,
    lambda name, minutes: f"- {{id: {name}, minutes: {minutes}}}\n",
    lambda name, minutes: (
        f"-\n  # of {name}\n  id: {name}\n  minutes: {minutes}   # {minutes} - a\n\n"
    ),
]


@given(base=RECORDS, ours=RECORDS, theirs=RECORDS, layout=st.sampled_from(LAYOUTS))
def test_records_are_merged_like_values(
    base: dict[str, int],
    ours: dict[str, int],
    theirs: dict[str, int],
    layout: Callable[[str, int], str],
) -> None:
    sources = [
        "".join(layout(name, minutes) for name, minutes in side.items()).encode() or b"[]\n"
        for side in (base, ours, theirs)
    ]
    merged = merge_files(*sources)
    expected, conflicts = {}, set()
    for name in {*base, *ours, *theirs}:
        was, mine, other = (side.get(name) for side in (base, ours, theirs))
        if mine != was != other != mine:
            conflicts.add(name)
        elif found := other if mine == was else mine:
            expected[name] = str(found)
    assert {each.partition(":")[0] for each in merged.conflicts} == conflicts
    if not conflicts:
        kept = {item["id"]: item["minutes"] for item in parse_yaml(merged.content) or []}
        assert kept == expected
