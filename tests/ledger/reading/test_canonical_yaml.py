"""The fast reader takes nothing that the full reader refuses, or reads otherwise.

``PUNCHCARD_FUZZ_EXAMPLES=20000`` looks at more.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.reading.canonical_yaml import parse_canonical
from ledger.reading.yaml_source import parse_any_yaml, parse_yaml
from ledger.reading.yaml_text import YamlSyntaxError
from ledger.writing.field_text import format_block
from tests.benchmarks.synthetic_ledger import CustomerLife
from tests.conftest import SAMPLE_LEDGER

EXAMPLES = int(os.environ.get("PUNCHCARD_FUZZ_EXAMPLES", "300"))

SAMPLES = [file.read_bytes() for file in sorted(SAMPLE_LEDGER.rglob("*.yml"))]
PLAIN_SAMPLES = [source for source in SAMPLES if parse_canonical(source) is not None]
PIECES = [
    *(
        "- ",
        "- - ",
        ": ",
        ":",
        "  ",
        " ",
        "\n",
        "\n\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "- {",
        "}",
        "{",
        ", ",
    ),
    *(
        " #",
        "#",
        "# x\n",
        "&a ",
        "*a",
        "!t ",
        "|",
        ">",
        "|-",
        ">-",
        "|2",
        ">+",
        "'",
        '"',
        '""',
        "\\",
        "%",
    ),
    *(
        "@",
        "`",
        "?",
        "? ",
        "~",
        "null",
        "<<: ",
        "---\n",
        "...\n",
        "=",
        "-1",
        "--",
        "-",
        "[]",
        "{}",
        "[a]",
    ),
    *(
        "\t",
        "\r",
        "\r\n",
        "\x00",
        "\x07",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\ufffe",
    ),
    *("é", "ß", "漢", "\U0001f600", "id", "id: ", "  note: ", "note: x\n", "  date: 2026-01-01\n"),
    *(
        "history:\n",
        "  - {date: 2026-01-01, by: alice}\n",
        "  note: |\n    a\n",
        "x" * 1100,
        "a: b: c",
    ),
    *(
        ":a",
        ":?",
        "?a",
        ",a",
        " :",
        "\n :",
        "\n\t",
        "\n   ",
        "\n      ",
        " # x",
        "   # x\n",
        "\n# x\n",
        "\n  # x\n",
        "\n    # x\n",
        "[a, b]",
        ": [a, b]\n",
        "{A: b}",
        ": {A: b, C: 1.50}\n",
        "contacts:\n",
        "  a: b\n",
        "  - a: b\n",
        "    c: d\n",
        "      e\n",
        "<<<<<<< a\n",
        "=======\n",
    ),
]
TEXT = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from(": #,-{}[]'\"|>\n \t?&*!%@`~"))
)
TRICKY = [
    "- id: x:   date\nfoo\n",
    "- id: a\n  id: b\n",
    "- id: a\n  note: b\n    c\n",
    "- id: a\n  note: b\n  - {a: b}\n",
    "- id:\n  - {a: b}\n",
    "- id:\n- {a: b}\n",
    "a:\n- {b: c}\n",
    "a: b\n  - {c: d}\n",
    "a:\n  - {c: d}\nb:\na: c\n",
    "a:\n  - {c: d}\n  - {c: d}\n",
    "a: |\n  b\n\n\n",
    "a: |\n\n  b\n",
    "a: |\n  b\n   c\n",
    "a: >\n  b\n   c\n",
    "a: >-\n  b\n  c\n",
    "a: >\n  b\n\n  c\n",
    "a: |\n  b \n",
    "a: |\n   b\n",
    "- a: |\n  b\n",
    "- a: |\n   b\n",
    "- a: |\n    b\n  c: d\n",
    "- a: >-\n    b\n    c\n- d: e\n",
    "- {a: b, a: c}\n",
    '- {a: "x, y: z", b: c}\n',
    '- {a: "x"y, b: c}\n',
    "- {a: b }\n",
    "- {a: b , c: d}\n",
    "- {a: 10:30, b: c:d}\n",
    "- {a: b:, c: d}\n",
    '- {a: "", b: c}\n',
    'a: "b" c\n',
    'a: "b: c # d"\n',
    'a: ""\n',
    "a: -1\n",
    "a: - 1\n",
    "a: -\n",
    "a: b\nc\n",
    "a: b\n\nc: d\n",
    "a: b",
    "a: b\n...\n",
    "a:\n  b: c\n",
    "- a: b\nc: d\n",
    "a: b\n- c: d\n",
    "- a: b\n   c: d\n",
    "- a: b\n c: d\n",
    "a: b #\n",
    "a: b#\n",
    "a: b:\n",
    "a: b \n",
    "a:  b\n",
    "a: (b)\n",
    "a: /b\n",
    "- a: é\n",
    "a: \xa0\n",
    "a: b\xa0\n",
    "a: b\u3000\n",
    "# a\n",
    "# a\n\n",
    "\n",
    "# a\nb: c\n",
    " # a\n\n- b: c\n\n# d\n- b: e # f\n",
    "a: b\n \nc: d\n",
    "a: # b\n",
    "a: #b\n",
    "a:  # b\n  - {c: d}\n",
    "a: |  # b\n  c\n",
    "a: |# b\n  c\n",
    "a: |\n  c\n# b\nd: e\n",
    "a: |\n  c\n # b\nd: e\n",
    "a: |\n  # c\nd: e\n",
    "a: |\n  c\n\n# b\nd: e\n",
    "- a: |\n    c\n  # b\n  d: e\n",
    'a: "b" # c\n',
    'a: "b # c"\n',
    'a: b # "c"\n',
    'a: b "c" # d\n',
    "a: b#c # d\n",
    "- # a\n  b: c\n",
    "a: [b, c]\n",
    "a: [b, c] # d\n",
    "a: []\n",
    "a: {}\n",
    "a: [b,c]\n",
    "a: [b: c]\n",
    "a: [b, {c: d}]\n",
    "a: [b, c\n",
    "a: [b, c]]\n",
    "a: [b, ]\n",
    'a: ["b", c]\n',
    "a: {B: 1.00, C: 2}\n",
    "a: {B: 1.00, B: 2}\n",
    "a: {B, C: 2}\n",
    "a:\n  b: c\n  d: e\nf: g\n",
    "a:\n  b: c\n  b: e\n",
    "a:\n  b: c\n  - {d: e}\n",
    "a:\n  - {d: e}\n  b: c\n",
    "a:\n  b:\n    c: d\n",
    "a:\n  b: |\n    c\n  d: e\n",
    "a:\n  - b: c\n    d: e\n  - b: f\n",
    "a:\n  - b: c\n    b: e\n",
    "a:\n  - b:\n    d: e\n",
    "a:\n  - b:\n      d: e\n",
    "a:\n  - b: c\n  d: e\n",
    "a:\n  - b: |\n      c\n    d: e\n",
    "a:\n  - b: |\n    c\n    d: e\n",
    "a:\n  - {b: c}\n    d: e\n",
    "a:\n  - b: c\n  - {d: e}\n    f: g\n",
    "a:\n    b: c\n",
    "a: b\n    c: d\n",
    "    a: b\n",
    "  a: b\n",
    "  - a: b\n",
    "- a: b\n    c: d\n",
    "- a: b\n  - c: d\n",
    "- a:\n    c: d\n",
    "A: b\n",
]


def read_fully(source: bytes) -> object:
    try:
        return parse_any_yaml(source)
    except YamlSyntaxError as error:
        return error


def assert_agrees(source: bytes) -> None:
    fast = parse_canonical(source)
    if fast is not None:
        assert fast == read_fully(source)
        assert parse_yaml(source) == fast


@pytest.mark.parametrize("text", TRICKY)
def test_it_agrees_on_what_is_nearly_of_the_plain_form(text: str) -> None:
    assert_agrees(text.encode())


def test_it_agrees_on_the_sample_ledger_and_takes_most_of_it() -> None:
    for source in SAMPLES:
        assert_agrees(source)
    assert len(PLAIN_SAMPLES) > len(SAMPLES) * 0.7


def test_it_takes_every_file_of_a_synthetic_customer() -> None:
    life = CustomerLife("acme", "ACME", random.Random(1), 300)
    life.live()
    for name, text in life.files():
        assert parse_canonical(text.encode()) is not None, name
        assert_agrees(text.encode())


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_it_agrees_on_samples_in_which_something_was_put_or_taken(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(PLAIN_SAMPLES)).decode()[:1500]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 6))
        piece = data.draw(st.one_of(st.sampled_from(PIECES), TEXT))
        text = text[:place] + piece + text[place + length :]
    assert_agrees(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.sampled_from([*PIECES, "a", "b", "a: ", "b: c", "- a: "]), max_size=14))
def test_it_agrees_on_pieces_in_any_order(pieces: list[str]) -> None:
    assert_agrees("".join(pieces).encode())
    assert_agrees(("".join(pieces) + "\n").encode())


@settings(max_examples=EXAMPLES)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "note", "reason", "title"]), TEXT, min_size=1),
        min_size=1,
        max_size=3,
    )
)
@example([{"id": "03-1", "note": "a: b #c"}])
def test_it_agrees_on_what_the_program_writes(records: list[dict[str, str]]) -> None:
    lines: list[str] = []
    for record in records:
        written = format_block(record, 2)
        lines += ["- " + written[0][2:], *written[1:]]
    assert_agrees(("\n".join(lines) + "\n").encode("utf-8", "surrogatepass"))


def test_a_file_larger_than_allowed_is_left_to_the_full_reader(tmp_path: Path) -> None:
    source = b"- id: a\n" * 40_000
    assert parse_canonical(source) is None
    assert isinstance(read_fully(source), YamlSyntaxError)
