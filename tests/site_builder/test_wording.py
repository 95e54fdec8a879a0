"""How dates, minutes, money and numbers of things are written."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger.balance.accounts import AccountState
from ledger.balance.expiry import EndingKind
from ledger.balance.lots import LotKind
from ledger.balance.movements import MovementKind
from ledger.models import Category, Channel, LicenceType, Status
from site_builder.pages.wording import TEXTS_FOLDER, load_wording
from site_builder.view import Turn

WORDING = load_wording()


def test_dates() -> None:
    assert WORDING.day(date(2026, 3, 1)) == "1 March 2026"
    assert WORDING.short_day(date(2026, 12, 31)) == "31 Dec 2026"
    assert WORDING.month(date(2026, 3, 1)) == "March 2026"


@pytest.mark.parametrize(
    ("minutes", "plain", "signed"),
    [(0, "0m", "0m"), (90, "1h 30m", "+1h 30m"), (-15, "−15m", "−15m")],  # noqa: RUF001 - a minus
)
def test_minutes(minutes: int, plain: str, signed: str) -> None:
    assert WORDING.minutes(minutes) == plain
    assert WORDING.signed_minutes(minutes) == signed


@pytest.mark.parametrize(
    ("minutes", "card", "text"),
    [
        (300, 300, "1 punchcard"),
        (450, 300, "1.5 punchcards"),
        (3_000, 300, "10 punchcards"),
        (15, 300, "0.05 punchcards"),
        (100, 300, "0.33 punchcards"),
        (299, 300, "0.99 punchcards"),
    ],
)
def test_cards(minutes: int, card: int, text: str) -> None:
    assert WORDING.cards(minutes, card) == text


def test_money() -> None:
    assert WORDING.money(Decimal(12000), "USD") == "12,000.00 USD"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("category", Category),
        ("status", Status),
        ("channel", Channel),
        ("turn", Turn),
        ("turn_sentence", Turn),
        ("movement", MovementKind),
        ("ending", EndingKind),
        ("lot", LotKind),
        ("account_state", AccountState),
        ("licence_type", LicenceType),
    ],
)
def test_every_value_has_a_word(section: str, words: type[Any]) -> None:
    """A value that the ledger gains must not break a portal in some customer's case."""
    assert {word.value for word in words} <= WORDING.section(section).keys()


@pytest.mark.parametrize(("language", "written"), [("en", "1,492"), ("de", "1.492")])
def test_numbers_of_things_are_written_as_the_language_does(language: str, written: str) -> None:
    wording = load_wording(language)
    assert written in wording.text("overview.more_open", count=1492)
    assert "1 more" in WORDING.text("overview.more_open", count=1)


def test_texts_can_be_filled_in() -> None:
    """Every text is a format with plain names, so that nothing can be reached through one."""
    texts = tomllib.loads((TEXTS_FOLDER / "en.toml").read_text(encoding="utf-8"))
    for text in list_texts(texts):
        for _, name, _, _ in string.Formatter().parse(text):
            assert name is None or name.isidentifier(), text


def list_texts(table: Mapping[str, Any]) -> Iterator[str]:
    for value in table.values():
        if isinstance(value, Mapping):
            yield from list_texts(value)
        elif isinstance(value, str):
            yield value
