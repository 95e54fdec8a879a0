"""What is read without pydantic is what pydantic makes of it; it refuses none of that.

``PUNCHCARD_FUZZ_EXAMPLES=20000`` looks at more.
"""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.models import FILE_TYPES, RecordError, Request, TimeEntry
from ledger.models.record_schema import FILE_ADAPTERS
from ledger.reading.file_layout import Place, place_file
from ledger.reading.plain_records import read_plain_records
from ledger.reading.yaml_source import parse_any_yaml
from ledger.reading.yaml_text import PlainValue, YamlSyntaxError
from tests.benchmarks.synthetic_ledger import CustomerLife
from tests.conftest import SAMPLE_LEDGER

EXAMPLES = int(os.environ.get("PUNCHCARD_FUZZ_EXAMPLES", "300"))
EXAMPLE_LEDGERS = Path(__file__).parents[2] / "example_ledgers"

Source = tuple[str, bytes]


def list_sources(folder: Path) -> list[Source]:
    files = sorted(file for file in folder.rglob("*.yml") if file.is_file())
    placed = [(file, place_file(file.relative_to(folder).as_posix())) for file in files]
    return [(place.kind, file.read_bytes()) for file, place in placed if isinstance(place, Place)]


def list_example_sources() -> list[Source]:
    ledgers = sorted(EXAMPLE_LEDGERS.rglob("customers"))
    return [source for ledger in ledgers for source in list_sources(ledger)]


def live(entries: int = 60) -> list[Source]:
    life = CustomerLife("acme", "ACME", random.Random(1), entries)
    life.live()
    named = [(place_file(name), text.encode()) for name, text in life.files()]
    return [(place.kind, text) for place, text in named if isinstance(place, Place)]


SAMPLES = list_sources(SAMPLE_LEDGER)
VALUES = [(kind, parse_any_yaml(source)) for kind, source in SAMPLES]
ODD_TEXTS = [
    *("", " ", "\t", "\n", "x\n", "\nx", " x", "x ", "\xa0", "\u2028", "\u3000x", "\x1c", "\x1cx"),
    *(
        "\ufeff",
        "\ud800",
        "a\udfff",
        "é",
        "Ł",
        "漢",
        "٤٥",
        "\uff14\uff15",
        "²",
        "Ⅷ",
        "\U0001f600",
        "_",
        "-",
    ),
    *("0", "00", "-0", "1", "-1", "+1", "1.0", "1_000", "1e3", "0x10", "45 ", "999999999"),
    *("1000000000", "9" * 40, "1.00", "1.5", "-1.00", ".50", "1,00", "NaN", "Infinity", "1E2"),
    *(
        "2026-11-03",
        "2026-02-30",
        "20261103",
        "2026-W45-2",
        "2026-11-3",
        "0000-01-01",
        "9999-12-31",
    ),
    *(
        "2026-11-03T00:00:00",
        "2026-11-03 ",
        "\uff12\uff10\uff12\uff16-11-03",
        "1764547200",
        "today",
    ),
    *("a@b.example", "a@b", "@", "a@b@c", "a b@c", "a\x1c@b", "ü@b.example", f"{'a' * 250}@b.ex"),
    *("https://a.example", "http://", "https://a b", "ftp://a", "https://\x85"),
    *("refund", "goodwill", "Refund", "open", "OPEN", "punchcard", "support", "technical-support"),
    *("onboarding", "commercial", "monday", "USD", "usd", "USDX", "ACME", "P1", "a/b", "x" * 39),
    *("x" * 40, "Europe/Berlin", "Europe/Atlantis", "../etc", "a\x00b"),
]
ODD_VALUES: list[Any] = [
    *ODD_TEXTS,
    *(None, [], {}, [None], [[]], [{}], {"": ""}, {"a": "b"}, {"USD": "1.00"}, {"USD": "x"}),
    *(["2026-11-03"], ["2026-11-03", "x"], ["a@b.example"], ["a@b.example", None]),
    *([{"date": "2026-11-03", "by": "x"}], [{"date": "2026-11-03", "by": "x", "note": "y"}]),
    *([{"date": "2026-11-03", "by": "x", "moved_to": "punchcard"}], {"product": "x"}),
    *([{"product": "x", "type": "commercial", "from": "2026-11-03"}], [{"name": "x"}]),
]
KEYS = sorted(
    {"", "from_", "FIELDS", "check", "unknown", "__dict__", "from", "until", "removed", "type"}
    | {name for record in (Request, TimeEntry) for name in record.FIELDS}
)


def judge(kind: str, value: PlainValue) -> Any:
    try:
        return FILE_ADAPTERS[kind].validate_python(value)
    except ValidationError as error:
        return error


def assert_agrees(kind: str, value: PlainValue) -> None:
    plain = read_plain_records(kind, copy.deepcopy(value))
    if plain is not None:
        judged = judge(kind, value)
        assert plain == judged
        assert repr(plain) == repr(judged)  # 1 is no Decimal, and a list no tuple


def test_it_takes_every_record_of_the_sample_ledger_and_agrees() -> None:
    for kind, value in VALUES:
        assert read_plain_records(kind, value) is not None
        assert_agrees(kind, value)


def test_it_agrees_on_every_example() -> None:
    sources = list_example_sources()
    assert {kind for kind, _source in sources} == set(FILE_TYPES)
    for kind, source in sources:
        try:
            value = parse_any_yaml(source)
        except YamlSyntaxError:
            continue
        assert_agrees(kind, [] if value is None else value)


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_it_agrees_on_values_where_records_are_expected(kind: str) -> None:
    for value in ODD_VALUES:
        assert_agrees(kind, value)
        assert_agrees(kind, [value])


@settings(max_examples=EXAMPLES * 2)
@given(st.data())
def test_it_agrees_on_values_of_which_some_were_changed(data: st.DataObject) -> None:
    kind, value = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
    for _ in range(data.draw(st.integers(1, 3))):
        _change(value, data)
    assert_agrees(kind, value)


def _change(value: Any, data: st.DataObject) -> None:
    """Change something in a list or a mapping, or in one below it."""
    odd = st.one_of(st.sampled_from(ODD_VALUES), st.text(max_size=4))
    holders = list(_iterate_holders(value))
    if not holders:
        return
    holder = data.draw(st.sampled_from(holders))
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    if isinstance(holder, dict) and data.draw(st.integers(0, 5)) == 0:
        holder[data.draw(st.sampled_from(KEYS))] = copy.deepcopy(data.draw(odd))
    elif keys and data.draw(st.integers(0, 5)) == 0:
        del holder[data.draw(st.sampled_from(keys))]
    elif keys:
        holder[data.draw(st.sampled_from(keys))] = copy.deepcopy(data.draw(odd))


def _iterate_holders(value: Any) -> Any:
    if isinstance(value, list | dict):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _iterate_holders(item)


def test_records_are_frozen_values() -> None:
    (entry,) = read_plain_records("time", [make_item()])
    same = read_plain_records("time", [make_item()])[0]
    other = entry.replace(minutes=30)
    assert entry == same
    assert hash(entry) == hash(same)
    assert other != entry
    assert (other.minutes, entry.minutes, other.note) == (30, 15, entry.note)
    with pytest.raises(AttributeError, match="frozen"):
        entry.minutes = 30
    with pytest.raises(AttributeError, match="frozen"):
        del entry.minutes


@pytest.mark.parametrize("fields", [{}, {"id": "1"}, {"id": "1", "unknown": "x"}])
def test_a_record_is_not_made_of_other_fields_than_its_own(fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="TimeEntry: missing or unknown fields"):
        TimeEntry(**fields)


def test_what_was_worked_out_from_a_record_is_not_carried_along() -> None:
    request = judge("request", make_request())
    assert request.first_closed is None
    closing = judge("request", make_request("closed")).history
    assert request.replace(history=closing).first_closed is not None
    assert request == judge("request", make_request())


def test_the_facts_of_a_record_are_asked_without_pydantic_too() -> None:
    value = make_request()
    value["category"] = None
    assert read_plain_records("request", value) is None
    with pytest.raises(RecordError):
        judge("request", make_request()).replace(category=None).check()


def make_item() -> dict[str, PlainValue]:
    return {"id": "1", "date": "2026-11-03", "request": "A-1", "minutes": "15", "note": "x"}


def make_request(status: str | None = None) -> dict[str, Any]:
    event = {"date": "2026-11-04", "by": "alice", "status": status, "note": "x"}
    return {
        "title": "x",
        "category": "onboarding",
        "opened": "2026-11-03",
        "opened_by": "alice",
        "channel": "punchcard",
        "history": [event],
    }
