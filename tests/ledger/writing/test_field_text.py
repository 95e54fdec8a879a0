from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.files.yaml import parse_yaml
from ledger.models import Status
from ledger.writing.yaml_text import Fields, format_block, format_flow, to_plain

INDICATORS = [*"{}[],&*!|>'\"%@`\\\n\t\u2028é優🎈aZ9"]
ODD = st.sampled_from(
    [*INDICATORS, ": ", " #", "- ", "? ", "--- ", "...", "yes", "0x1F", "12:30", "<<", ":?", "  "]
)
TEXTS = st.one_of(
    st.text(
        # No file may hold the others, however they are spelled.
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff"),
        min_size=1,
        max_size=40,
    ),
    st.lists(ODD, min_size=1, max_size=12).map("".join),
    st.lists(st.sampled_from(["word", "two", "#", "-", "x:"]), min_size=20, max_size=60).map(
        " ".join
    ),
)


@given(text=TEXTS, column=st.sampled_from([0, 2, 4, 7]))
def test_any_text_reads_back_as_it_was_in_both_styles(text: str, column: int) -> None:
    lists: Fields = {"list": [text, "b"], "of": [{"a": text}]}
    fields: Fields = {"id": "03-1", "note": text, "minutes": -15, **lists}
    assert parse_yaml(format_flow(fields).encode()) == to_plain(fields)
    block = "\n".join(format_block(fields, column)) + "\n"
    assert parse_yaml(block.encode()) == to_plain(fields)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Kick-off call booked.", "Kick-off call booked."),
        ("dana@acme.example", "dana@acme.example"),
        ("https://x.example/a?b=c", "https://x.example/a?b=c"),
        ("it's 5 o'clock", "it's 5 o'clock"),
        ("Fixed: it works", '"Fixed: it works"'),
        ("issue #4", '"issue #4"'),
        ("#4", '"#4"'),
        ("ends with:", '"ends with:"'),
        ("a, b", '"a, b"'),
        ("", '""'),
        (" space", '" space"'),
        ("- list", '"- list"'),
        ("yes", '"yes"'),
        ("2026", '"2026"'),
        ("null", '"null"'),
        ('say "hi"', 'say "hi"'),
        ('"hi"', r'"\"hi\""'),
        ("two\nlines", r'"two\nlines"'),
        (45, "45"),
        (-15, "-15"),
        (date(2026, 11, 3), "2026-11-03"),
        (Decimal("2000.00"), "2000.00"),
        (Status.IN_PROGRESS, "in-progress"),
    ],
)
def test_values_are_plain_where_a_person_would_leave_them_plain(value: Any, written: str) -> None:
    assert format_flow(value) == written


def test_a_comma_needs_quotes_between_brackets_only() -> None:
    assert format_block({"note": "a, b"}) == ["note: a, b"]
    assert format_flow({"note": "a, b"}) == '{note: "a, b"}'


def test_a_long_note_is_folded_and_lines_stay_lines() -> None:
    folded = format_block({"note": "word " * 30 + "end"}, 2)
    assert folded[0] == "  note: >-"
    assert all(len(line) <= 100 and line.startswith("    word") for line in folded[1:])
    assert format_block({"description": "one\n\n  two\n"}) == [
        "description: |",
        "  one",
        "",
        "    two",
    ]
