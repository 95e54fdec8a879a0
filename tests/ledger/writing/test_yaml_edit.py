from datetime import date
from functools import partial
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.files.yaml import parse_yaml
from ledger.models import Account, TimeEntry
from ledger.writing.draft import Edit
from ledger.writing.yaml_edit import (
    UneditableError,
    add_items,
    make_file,
    remove_item,
    set_value,
)
from ledger.writing.yaml_text import Fields

ENTRY: Fields = {
    "id": "22-1",
    "date": date(2026, 11, 22),
    "minutes": 45,
    "note": "Talked: it works #1",
}
PLAIN_ENTRY = {"id": "22-1", "date": "2026-11-22", "minutes": "45", "note": "Talked: it works #1"}
EVENT: Fields = {"date": date(2026, 11, 22), "by": "alice", "status": "resolved"}

BLOCK = """\
- id: 22-1
  date: 2026-11-22
  minutes: 45
  note: "Talked: it works #1"
"""
EVENT_BLOCK = "- date: 2026-11-22\n  by: alice\n  status: resolved\n"
FLOW = '{id: 22-1, date: 2026-11-22, minutes: 45, note: "Talked: it works #1"}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # At the end, in the style of the file.
        ("", BLOCK),
        ("# only a comment", "# only a comment\n" + BLOCK),
        ("---\n# one\n", "---\n# one\n" + BLOCK),
        ("- id: 1\n  a: b", "- id: 1\n  a: b\n" + BLOCK),
        ("- id: 1\n\n- id: 2\n", "- id: 1\n\n- id: 2\n\n" + BLOCK),
        ("- id: 1\n\n- id: 2\n\n# end\n\n", "- id: 1\n\n- id: 2\n\n# end\n\n" + BLOCK),
        ("- id: 1\n- id: 2\n# end\n", "- id: 1\n- id: 2\n# end\n" + BLOCK),
        ("- {a: 1}\n- id: 1\n- id: 2\n", "- {a: 1}\n- id: 1\n- id: 2\n" + BLOCK),
        ("- a: |+\n    kept\n\n\n", "- a: |+\n    kept\n\n\n" + BLOCK),
        ("- a: |\n    kept", "- a: |\n    kept\n" + BLOCK),
        ("- a: >-\n    kept\n  # inner\n", "- a: >-\n    kept\n  # inner\n" + BLOCK),
        ("- {a: 1}\n", "- {a: 1}\n- @\n"),
        ("- a: 1\n- {a: 'x'}\n- {b: \"y\"}", "- a: 1\n- {a: 'x'}\n- {b: \"y\"}\n- @\n"),
        (
            "  -   id: 1\n      a: b\n",
            "  -   id: 1\n      a: b\n" + BLOCK.replace("- ", "  -   ").replace("\n  ", "\n      "),
        ),
        # In brackets and odd layouts.
        ("[]", BLOCK),
        ("# a\n[]  # none yet\n# b\n", "# a\n# none yet\n# b\n" + BLOCK),
        ("[{a: 1}, {b: 2}]\n", "[{a: 1}, {b: 2}, @]\n"),
        ("[ {a: 1}, ]  # c\n", "[ {a: 1}, @, ]  # c\n"),
        ("[\n  {a: 1},\n  {b: 2},  # x, y\n]\n", "[\n  {a: 1},\n  {b: 2},  # x, y\n  @,\n]\n"),
        ("[\n  {a: 1},\n  {b: 2}  # x\n]", "[\n  {a: 1},\n  {b: 2},  # x\n  @\n]\n"),
        ("- a: 1\n...\n# z\n", "- a: 1\n" + BLOCK + "...\n# z\n"),
    ],
)
def test_an_item_finds_its_place_in_the_style_of_the_file(before: str, after: str) -> None:
    assert add_items(before.encode(), [ENTRY]).decode() == after.replace("@", FLOW)


PIECES = {
    "block": "- id: 'a{n}'   # odd\n  note: \"it''s\"\n",
    "flow": "- {{id: b{n}, note: 'x: y', z: [1, 2]}}  # short\n",
    "folded": "- id: c{n}\n  note: >-\n    one\n    two\n\n    three\n",
    "literal": "-   id: d{n}\n    note: |\n      # no comment\n      - no item\n",
    "kept": "- id: e{n}\n  note: |+\n    kept\n\n\n",
    "nested": "-\n  id: f{n}\n  of:\n  - 1\n  - 2\n",
    "empty": "- id: g{n}\n  note:\n",
    "multi": "- id: h{n}\n  note: plain over\n    two lines\n",
}
GAPS = ("", "\n", "# between\n", "\n\n# above\n", "  # indented\n")
LAYOUT = st.lists(st.tuples(st.sampled_from(sorted(PIECES)), st.sampled_from(GAPS)), max_size=6)


@given(
    layout=LAYOUT,
    head=st.sampled_from(["", "# head\n", "\n", "---\n"]),
    crlf=st.booleans(),
    mark=st.booleans(),
    ends=st.booleans(),
)
def test_whatever_was_there_keeps_every_byte(
    *, layout: list[tuple[str, str]], head: str, crlf: bool, mark: bool, ends: bool
) -> None:
    parts = [PIECES[kind].format(n=n) + gap for n, (kind, gap) in enumerate(layout)]
    text = head + "".join(parts)
    text = text if ends else text.rstrip("\n")
    before = (text.replace("\n", "\r\n") if crlf else text).encode()
    before = (b"\xef\xbb\xbf" if mark else b"") + before
    after = add_items(before, [ENTRY])
    whole = before if before.endswith(b"\n") else before + b"\n"
    assert parse_yaml(after) == [*(parse_yaml(whole) or []), PLAIN_ENTRY]
    assert after.startswith(before)
    assert (b"\r\n" in after) == (b"\r\n" in before)
    if b"\r\n" in before:
        assert after.count(b"\n") == after.count(b"\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: x", "title: x\nhistory:\n  - @\n"),
        ("title: x\nhistory:\n", "title: x\nhistory:\n  - @\n"),
        ("title: x\nhistory:  # c\nz: 1\n", "title: x\nhistory:  # c\n  - @\nz: 1\n"),
        ("history: []\n", "history:\n  - @\n"),
        ("history: [] # c\nz: 2\n", "history: # c\n  - @\nz: 2\n"),
        ("history:\n- {a: 1}\n# t\n", "history:\n- {a: 1}\n# t\n- @\n"),
        (
            "history:\n  - {a: 1}  # t\n\n# next\nz: 2\n",
            "history:\n  - {a: 1}  # t\n  - @\n\n# next\nz: 2\n",
        ),
        (
            "history:\n  - {a: 1}\n  - a: |\n      x\n  - {a: 3}\n\n\nz: 2\n",
            "history:\n  - {a: 1}\n  - a: |\n      x\n  - {a: 3}\n  - @\n\n\nz: 2\n",
        ),
        (
            "history:\n  - {a: 1}\n  - {a: 2}\n  - a: |\n      x\n\n\nz: 2\n",
            "history:\n  - {a: 1}\n  - {a: 2}\n  - a: |\n      x\n  - @\n\n\nz: 2\n",
        ),
        ("description: |\n  text\n\n", "description: |\n  text\n\nhistory:\n  - @\n"),
        ("{title: x}\n", "{title: x, history: [@]}\n"),
        ("{history: , z: 1}", "{history: [@], z: 1}\n"),
        ("{history: [{a: 1}]}", "{history: [{a: 1}, @]}\n"),
        ("history: [{a: 1}]\n", "history: [{a: 1}, @]\n"),
        # Before those that are later.
        (
            "history:\n  - {a: 1}\n  - {date: 2026-11-22}\n  - {date: 2026-11-23}\nz: 1\n",
            "history:\n  - {a: 1}\n  - {date: 2026-11-22}\n  - @\n  - {date: 2026-11-23}\nz: 1\n",
        ),
        ("history: [{date: 2026-11-23}]  # one\n", "history: [@, {date: 2026-11-23}]  # one\n"),
        (
            "history:\n- date: 2026-11-23\n  by: ben\n",
            f"history:\n{EVENT_BLOCK}- date: 2026-11-23\n  by: ben\n",
        ),
    ],
)
def test_an_event_finds_its_place_in_the_history(before: str, after: str) -> None:
    event = "{date: 2026-11-22, by: alice, status: resolved}"
    for mark, end in product(["", "\ufeff"], ["\n", "\r\n"] if "\n" in before else ["\n"]):
        source = f"{mark}{before}".replace("\n", end)
        found = add_items(source.encode(), [EVENT], "history").decode()
        assert found == f"{mark}{after}".replace("\n", end).replace("@", event)


def test_a_long_event_gets_a_line_a_field() -> None:
    source, event = b"title: x\nhistory:\n  - {a: 1}\n", {**EVENT, "note": "w " * 80}
    assert b"  - date: 2026-11-22\n    by: alice\n" in add_items(source, [event], "history")


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("- email: D@x\n  name: D\n", "removed", "- email: D@x\n  name: D\n  removed: @\n"),
        ("- email: d@x", "removed", "- email: d@x\n  removed: @\n"),
        (
            "- email: d@x\n  last_sign_in: 2026-01-01   # z\n  removed:\n",
            "last_sign_in",
            "- email: d@x\n  last_sign_in: @   # z\n  removed:\n",
        ),
        (
            "- email: d@x\n  reactivated:      # or a list\n  removed:\n",
            "reactivated",
            "- email: d@x\n  reactivated: @      # or a list\n  removed:\n",
        ),
        (
            "- {email: d@x, name: D, removed: }\n",
            "last_sign_in",
            "- {email: d@x, name: D, last_sign_in: @, removed: }\n",
        ),
        ("- {email: d@x, removed: }\n", "removed", "- {email: d@x, removed: @}\n"),
        (
            "- email: e@x\n- email: d@x\n  name: >-\n    D\n  key_hash: h\n",
            "created",
            "- email: e@x\n- email: d@x\n  name: >-\n    D\n  created: @\n  key_hash: h\n",
        ),
    ],
)
def test_a_value_is_set_in_its_place(before: str, key: str, after: str) -> None:
    day = date(2026, 11, 22)
    found = set_value(before.encode(), ("email", "d@x"), key, day, Account)
    assert found.decode() == after.replace("@x", "\0").replace("@", "2026-11-22").replace(
        "\0", "@x"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("reactivated: 2026-01-01 # q\n", "reactivated: [2026-01-01, 2026-11-22] # q\n"),
        ("reactivated: [2026-01-01]\n", "reactivated: [2026-01-01, 2026-11-22]\n"),
        ("reactivated: []\n", "reactivated: [2026-11-22]\n"),
        ("reactivated:\n", "reactivated: 2026-11-22\n"),
        (
            "reactivated:\n    - 2026-01-01  # a\n  key_hash: z\n",
            "reactivated:\n    - 2026-01-01  # a\n    - 2026-11-22\n  key_hash: z\n",
        ),
    ],
)
def test_a_second_value_makes_a_list_of_the_first(before: str, after: str) -> None:
    source = f"- email: d@x\n  {before}".encode()
    where, day = ("email", "d@x"), date(2026, 11, 22)
    found = set_value(source, where, "reactivated", day, Account, keeps_others=True)
    assert found.decode() == f"- email: d@x\n  {after}"


ACCOUNT = partial(set_value, where=("email", "d@x"), key="name", value="E", model=Account)


@pytest.mark.parametrize(
    ("edit", "source", "said"),
    [
        (partial(add_items, items=[ENTRY]), b"a: 1\n", "does not hold a list"),
        (partial(add_items, items=[ENTRY]), b"just text\n", "does not hold a list"),
        (partial(add_items, items=[EVENT], key="history"), b"history: soon\n", "no list"),
        (partial(add_items, items=[EVENT], key="history"), b"- 1\n", "keys and values"),
        (partial(add_items, items=[EVENT], key="history"), None, "the file is not there"),
        (ACCOUNT, b"- email: d@x\n  name: [D]\n", "not one value"),
        (ACCOUNT, b"- email: e@x\n", "no item with email"),
        (partial(make_file, ENTRY), b"", "there is such a file already"),
    ],
)
def test_what_cannot_be_changed_without_harm_is_refused(
    edit: Edit, source: bytes | None, said: str
) -> None:
    with pytest.raises(UneditableError, match=said):
        edit(source)


def test_a_new_file_says_what_it_was_made_from() -> None:
    fields = {"title": "Dashboards: v2", "description": "one\n\n- two\n"}
    assert make_file(fields) == b'title: "Dashboards: v2"\ndescription: |\n  one\n\n  - two\n'


@pytest.mark.parametrize(
    ("before", "item", "after"),
    [
        ("- id: a\n", "a", None),
        ("\n- id: a\n\n", "a", None),
        ("# June\n- id: a\n  note: x\n# end\n", "a", "# June\n# end\n"),
        ("[{id: a}]\n", "a", "[]\n"),
        ("[{id: a}, {id: b}]", "a", "[{id: b}]\n"),
        ("[{id: a}, {id: b} ]  # all\n", "b", "[{id: a} ]  # all\n"),
        ("---\n- {id: a}\n- {id: b}\n...\n", "b", "---\n- {id: a}\n...\n"),
        ("-\n  id: a\n- id: b  # one\n", "a", "- id: b  # one\n"),
        ("  - id: a\r\n  # b\r\n  - id: b\r\n", "a", "  # b\r\n  - id: b\r\n"),
        ("- id: a\n\n- id: b\n  note: |\n    x\n\n- id: c\n", "b", "- id: a\n\n- id: c\n"),
        (
            "- id: a\n  note: >-\n    x - y\n# b\n- id: b\n",
            "b",
            "- id: a\n  note: >-\n    x - y\n# b\n",
        ),
        ("- id: a\n  note: |+\n    x\n\n- id: b\n", "a", "- id: b\n"),
    ],
)
def test_an_item_is_taken_out_and_the_rest_stays(before: str, item: str, after: str | None) -> None:
    found = remove_item(before.encode(), ("id", item))
    assert (found and found.decode()) == after
    with pytest.raises(UneditableError, match="it has no item with id: z"):
        remove_item(before.encode(), ("id", "z"))


@given(st.integers(0, 3), st.sampled_from(["\n", "\n\n", "\n# mine\n"]))
def test_what_was_added_is_taken_out_without_a_trace(count: int, gap: str) -> None:
    items = [f"- id: {number}\n  note: x\n" for number in range(count)]
    before = gap.join(items).encode() or None
    assert remove_item(add_items(before, [ENTRY]), ("id", "22-1")) == before


@pytest.mark.parametrize("note", ["short, with: comma", "long " * 30 + "end", "two\nlines", None])
@pytest.mark.parametrize(
    "written", ["plain", '"quoted" # why', "|\n    some\n    lines\n", ">-\n    folded\n    text"]
)
def test_a_text_is_replaced_however_it_is_written(written: str, note: str | None) -> None:
    source = f"- id: a\n  note: {written.rstrip()}\n  internal_note: x\n# b\n- {{id: b, note: y}}\n"
    for item in ("a", "b"):
        found = set_value(source.encode(), ("id", item), "note", note, TimeEntry)
        values = [each["note"] for each in parse_yaml(found)]
        assert values["ab".index(item)] == note
        assert b"  internal_note: x\n# b\n- {id: b, note: " in found
        assert ("# why" in written) == (b"# why" in found)
