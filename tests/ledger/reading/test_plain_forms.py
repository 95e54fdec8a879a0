"""A file that is read in one step is read as the full way does: YAML, then pydantic.

``PUNCHCARD_FUZZ_EXAMPLES=20000`` looks at more.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.models import FILE_TYPES, Record
from ledger.models.record_schema import FILE_ADAPTERS
from ledger.reading.plain_files import read_plain_files
from ledger.reading.yaml_source import parse_any_yaml
from ledger.reading.yaml_text import YamlSyntaxError
from tests.ledger.reading.test_plain_records import (
    EXAMPLES,
    ODD_TEXTS,
    SAMPLES,
    judge,
    list_example_sources,
    live,
)

PLAIN = [(kind, text) for kind, text in [*SAMPLES, *live()] if read_plain_files(kind, [text])[0]]
PIECES = [
    *(
        "- ",
        "\n",
        "  ",
        ": ",
        ":",
        " #",
        "\n\n",
        " ",
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        ", ",
        "?",
        "|",
        "'",
    ),
    *("- id: x\n", "  note: x\n", "  date: 2026-01-01\n", "  minutes: 15\n", "  corrects: 1\n"),
    *("  category: onboarding\n", "category: onboarding\n", "title: x\n", "ticket: x\n"),
    *("description: |\n  x\n", "description: |-\n  x\n", "description: x\n", "|-", ">-", "|2"),
    *("history:\n", "  - {date: 2026-11-03, by: x, status: open}\n", ", note: x", ", ticket: x"),
    *(", category: onboarding", ", moved_to: support", ": -", " }", " ,", "  - {", "}\n", "\n  "),
    *("&a ", "*a", "!t ", "---\n", "...\n", "<<<<<<< a\n", "\n\nhistory:\n", "  \n", "http://x"),
    *ODD_TEXTS,
]
ENTRY = {
    "id": "1",
    "date": "2026-11-03",
    "request": "A-1",
    "minutes": "15",
    "category": "onboarding",
    "corrects": "x",
    "note": "x",
    "internal_note": "x",
}
ODD_ENDS = [
    *(
        "x # y",
        "x #",
        "x#y",
        "# x",
        "x: y",
        "x:",
        "x:y",
        "x: ",
        "x :",
        "x\n",
        "x ",
        "- x",
        "-1",
        "-",
        "--",
    ),
    *(
        "{x",
        "x}",
        "x{y}",
        "x {y}",
        "[x",
        "x]",
        "x[y]",
        "x, y",
        "x,y",
        ",x",
        "x,",
        "x?",
        "?x",
        "x? y",
    ),
    *(
        "x ?y",
        "a b: c",
        "10:30",
        "http://x",
        "x:[",
        "x:\u00e9",
        "\u00e9:x",
        "&x",
        "*x",
        "!x",
        "%x",
        "@x",
    ),
    *(
        "`x",
        "'x",
        "'x'",
        '"x"',
        '"x',
        'x"y"',
        '""',
        "|",
        ">",
        "|-",
        "~",
        "null",
        "<<",
        "=",
        "x  y",
        "x }",
    ),
    *("x } ", "x ,y", "x\xa0", "\xa0x", "\u00e9", "_x", "(x", "/x", ".x", "+1", "\\x", "x\\"),
    *(
        "|\n  x",
        "|-\n  x",
        "|\n  x\n\n",
        "|\n\n  x",
        "|\n   x",
        "|\n  x\n   y",
        "|\n  x\n y",
        "|\n  # x",
    ),
    *(
        "|\n  x # y",
        "|\n  x: y",
        "|\n  x \n  y",
        "|\n  x\n  \n  y",
        "|\n  x\n\n  y",
        "|\n  \xa0",
        "|\n  \u00e9",
    ),
    *(
        "|\n  \xa0x",
        "|\n  _",
        "|\n  - x",
        "|\n  title: x",
        "|\n",
        "|-\n  x\n",
        "|-\n  x\n\n  y",
        ">\n  x",
    ),
    *(
        "|\n  x\n# y",
        "|\n  x\n # y",
        "|\n  x\n<<<<<<< y",
        "|\n  x\n---",
        "|\n  x\n  ---",
        "| # y\n  x",
    ),
]
REQUEST = {
    "title": "x",
    "category": "onboarding",
    "opened": "2026-11-03",
    "opened_by": "alice",
    "channel": "punchcard",
    "ticket": "T-1",
    "description": "x",
}
EVENT = {
    "date": "2026-11-04",
    "by": "alice",
    "status": "open",
    "moved_to": "support",
    "category": "onboarding",
    "ticket": "T-2",
    "note": "x",
}
BLOCKS = st.lists(
    st.one_of(
        st.sampled_from(["", "  ", "    ", " x", "- x", "# x", "a: b", "history:"]), st.text()
    ),
    max_size=4,
).map(lambda lines: "".join(f"\n  {line}" if line else "\n" for line in lines))


def assert_file_agrees(kind: str, source: bytes) -> None:
    (plain,) = read_plain_files(kind, [source])
    if plain is None:
        return
    try:
        judged = judge(kind, parse_any_yaml(source))
    except YamlSyntaxError as error:
        judged = error
    assert repr(plain[0] if kind == "request" else list(plain)) == repr(judged)


def write_entries(*entries: dict[str, str]) -> bytes:
    items = ("\n  ".join(f"{key}: {text}" for key, text in entry.items()) for entry in entries)
    return "".join(f"- {item}\n" for item in items).encode("utf-8", "surrogatepass")


def write_request(values: dict[str, str], events: list[dict[str, str]]) -> bytes:
    lines = [f"{key}: {text}\n" for key, text in values.items()]
    if events:
        lines.append("history:\n")
    for event in events:
        inside = ", ".join(f"{key}: {text}" for key, text in event.items())
        lines.append(f"  - {{{inside}}}\n")
    return "".join(lines).encode("utf-8", "surrogatepass")


def change_text(source: bytes, data: st.DataObject) -> bytes:
    text = source.decode()[:1500]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 8))
        text = text[:place] + data.draw(st.sampled_from(PIECES)) + text[place + length :]
    return text.encode("utf-8", "surrogatepass")


def change_values(
    values: dict[str, str], odd: st.SearchStrategy[str], data: st.DataObject
) -> dict[str, str]:
    left_out = data.draw(st.sets(st.sampled_from(sorted(values)), max_size=4))
    kept = {key: text for key, text in values.items() if key not in left_out}
    if data.draw(st.booleans()) and kept:
        kept[data.draw(st.sampled_from(sorted(kept)))] = data.draw(odd)
    return kept


def test_what_is_held_against_the_full_way_is_of_the_form_before_it_is_changed() -> None:
    assert read_plain_files("time", [write_entries(ENTRY, ENTRY)]) != [None]
    assert read_plain_files("request", [write_request(REQUEST, [EVENT, EVENT])]) != [None]


def test_files_that_the_program_writes_are_read_in_one_step() -> None:
    kinds = {"time", "purchases", "accounts", "request"}
    sources = [source for source in live() if source[0] in kinds]
    assert all(source in PLAIN for source in sources)
    for kind, source in PLAIN:
        assert_file_agrees(kind, source)


def test_it_agrees_on_every_example() -> None:
    for kind, source in list_example_sources():
        assert_file_agrees(kind, source)


@pytest.mark.parametrize("text", ODD_ENDS)
def test_it_agrees_on_values_that_are_more_or_less_than_they_seem(text: str) -> None:
    for key in REQUEST:
        assert_file_agrees("request", write_request({**REQUEST, key: text}, []))
        assert_file_agrees("request", write_request({**REQUEST, key: text}, [EVENT]))
    for key in EVENT:
        assert_file_agrees("request", write_request(REQUEST, [{**EVENT, key: text}]))
        assert_file_agrees("request", write_request(REQUEST, [{**EVENT, key: text}, EVENT]))
    for key in ENTRY:
        assert_file_agrees("time", write_entries({**ENTRY, key: text}))
        assert_file_agrees("time", write_entries({**ENTRY, key: text}, ENTRY))


@pytest.mark.parametrize(
    "line", ["  - {}", "  - {x}", "  - {{}}", "  - {note}", "  - {a:b}", "  - x"]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_it_agrees_on_events_that_say_nothing(line: str, place: int) -> None:
    lines = write_request(REQUEST, [EVENT, EVENT]).decode().splitlines()
    at = lines.index("history:") + 1 + place
    assert_file_agrees("request", "\n".join([*lines[:at], line, *lines[at:], ""]).encode())


@settings(max_examples=EXAMPLES * 2)
@given(st.data())
def test_it_agrees_on_files_in_which_something_was_put_or_taken(data: st.DataObject) -> None:
    kind, source = data.draw(st.sampled_from(PLAIN))
    assert_file_agrees(kind, change_text(source, data))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.sampled_from(["id", "date", "note"]), st.sampled_from(ODD_TEXTS))))
def test_it_agrees_on_lists_of_odd_values(changes: list[tuple[str, str]]) -> None:
    item = {"id": "1", "date": "2026-11-03", "request": "A-1", "minutes": "15", "note": "x"}
    texts = []
    for name, value in changes:
        lines = [f"{key}: {text}" for key, text in {**item, name: value}.items()]
        texts.append("- " + "\n  ".join(lines) + "\n")
    assert_file_agrees("time", "".join(texts).encode("utf-8", "surrogatepass"))


@settings(max_examples=EXAMPLES * 2)
@given(st.data())
def test_it_agrees_on_requests_of_odd_values(data: st.DataObject) -> None:
    odd = st.one_of(st.sampled_from([*ODD_TEXTS, *PIECES, *ODD_ENDS]), st.text(max_size=6))
    block = st.tuples(st.sampled_from(["|", "|-", ">", ">-", "|2", "|+"]), BLOCKS).map("".join)
    values = change_values(REQUEST, st.one_of(odd, block), data)
    events = [change_values(EVENT, odd, data) for _ in range(data.draw(st.integers(0, 3)))]
    assert_file_agrees("request", write_request(values, events))


def test_no_record_of_a_plain_list_has_a_check_of_its_own() -> None:
    for kind in ("time", "purchases", "accounts"):
        record = FILE_ADAPTERS[kind].validate_python([]) or FILE_TYPES[kind].__args__[0]
        assert record.check is Record.check
