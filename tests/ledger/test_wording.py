"""How dates, minutes, money and numbers of things are written, and whose words those are."""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.balance.lots import LotKind
from ledger.balance.movements import MovementKind
from ledger.balance.portal_life import AccountState
from ledger.balance.summary import EndingKind
from ledger.errors import LedgerError
from ledger.models import Channel, LicenceType, Status
from ledger.uses import DEFAULT_USES
from ledger.wording import TEXTS_FOLDER, Wording, load_wording
from site_builder.view import Turn

WORDING, GERMAN = load_wording(), load_wording("de")
SPACE = "\N{NO-BREAK SPACE}"


def test_english() -> None:
    assert WORDING.day(date(2026, 3, 1)) == "1 March 2026"
    assert WORDING.short_day(date(2026, 12, 31)) == "31 Dec 2026"
    assert WORDING.month(date(2026, 3, 1)) == "March 2026"
    assert WORDING.money(Decimal(12000), "USD") == "12,000.00 USD"
    assert "1,492" in WORDING.text("overview.more_open", count=1492)
    assert "1 more" in WORDING.text("overview.more_open", count=1)
    assert [WORDING.minutes(each) for each in (0, 90, -15)] == ["0m", "1h 30m", "−15m"]  # noqa: RUF001 - a minus
    assert [WORDING.signed_minutes(each) for each in (0, 90)] == ["0m", "+1h 30m"]


def test_amounts_have_the_decimals_of_their_currency() -> None:
    written = [
        WORDING.money(Decimal(amount), currency)
        for amount, currency in (("300001", "JPY"), ("307.125", "KWD"), ("2000", "USD"))
    ]
    assert written == ["300,001 JPY", "307.125 KWD", "2,000.00 USD"]


def test_english_short_months_have_three_letters() -> None:
    days = [date(2026, month, 3) for month in range(1, 13)]
    assert {len(load_wording().short_day(day).split()[1]) for day in days} == {3}
    assert load_wording().short_day(days[8]) == "3 Sep 2026"
    assert load_wording().short_month(days[8]) == "Sep"


def test_german() -> None:
    assert GERMAN.day(date(2026, 3, 1)) == "1. März 2026"
    assert GERMAN.short_day(date(2026, 12, 31)) == "31.12.2026"
    assert GERMAN.month(date(2026, 3, 1)) == "März 2026"
    assert GERMAN.money(Decimal("1234567.5"), "EUR") == "1.234.567,50 EUR"
    assert GERMAN.percent(35) == f"35{SPACE}%"
    assert GERMAN.minutes(-75) == f"\N{MINUS SIGN}1{SPACE}h{SPACE}15{SPACE}min"
    assert [GERMAN.text("days", count=each) for each in (1, 2)] == ["1 Tag", "2 Tage"]
    assert "1.492" in GERMAN.text("overview.more_open", count=1492)


@pytest.mark.parametrize(
    ("language", "day", "amount"),
    [
        ("en-US", "November 20, 2026", "4.50"),
        ("de-AT", "20. November 2026", "4,50"),
        ("de-CH", "20. November 2026", "4.50"),
        ("de-XX", "20. November 2026", "4,50"),
    ],
)
def test_a_country_has_its_own_dates_and_numbers(language: str, day: str, amount: str) -> None:
    """The words are those of the language; of a country that nobody knows, all is."""
    wording = load_wording(language)
    assert wording.language == language[:2]
    assert wording.day(date(2026, 11, 20)) == day
    assert wording.amount(Decimal("4.5"), "EUR") == amount


@pytest.mark.parametrize(
    ("section", "words"),
    [
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


def test_every_category_of_terms_that_list_none_has_a_word() -> None:
    assert {*DEFAULT_USES.all, "none"} == WORDING.section("category").keys()


def read_texts(language: str) -> dict[str, str]:
    """Return the texts of a language of ours by name; forms of a plural are one text."""
    content = (TEXTS_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return dict(list_texts(tomllib.loads(content)))


def list_texts(table: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping) and "other" not in value:
            yield from list_texts(value, f"{start}{key}.")
        else:
            yield start + key, value if isinstance(value, str) else " ".join(value.values())


def list_values(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


ENGLISH = read_texts("en")


def test_texts_can_be_filled_in() -> None:
    """Every text is a format with plain names, so that nothing can be reached through one."""
    assert {
        name for text in ENGLISH.values() for name in list_values(text) if not name.isidentifier()
    } == set()


@pytest.mark.parametrize("language", sorted(file.stem for file in TEXTS_FOLDER.glob("*.toml")))
def test_our_own_languages_are_complete(language: str) -> None:
    """Each says all that English says, with the same values, and in words of its own."""
    texts = read_texts(language)
    assert texts.keys() == ENGLISH.keys()
    assert [key for key in ENGLISH if list_values(texts[key]) != list_values(ENGLISH[key])] == []
    assert texts["language"] == load_wording(language).language == language
    english = [
        key
        for key, text in texts.items()
        if text == ENGLISH[key] and len(re.findall(r"[^\W\d_]{2,}", re.sub("{.*?}", "", text))) > 2
    ]
    assert language == "en" or english == []


@pytest.mark.parametrize(
    ("language", "day", "minutes", "amount"),
    [
        ("en", "20 November 2026", "1h 30m", "1,234.50"),
        ("de", "20. November 2026", "1 h 30 min", "1.234,50"),
        ("fr", "20 novembre 2026", "1 h 30 min", "1 234,50"),
        ("es", "20 de noviembre de 2026", "1 h 30 min", "1.234,50"),
        ("ja", "2026年11月20日", "1時間 30分", "1,234.50"),
    ],
)
def test_a_language_of_ours_writes_as_its_readers_do(
    language: str, day: str, minutes: str, amount: str
) -> None:
    wording = load_wording(language)
    said = (wording.minutes(90), wording.amount(Decimal("1234.5"), "EUR"))
    assert wording.day(date(2026, 11, 20)) == day
    assert tuple(" ".join(each.split()) for each in said) == (minutes, amount)


def load_own(folder: Path, language: str, texts: str) -> Wording:
    (folder / f"{language}.toml").write_text(texts, encoding="utf-8")
    return load_wording(language, folder)


def test_a_provider_changes_single_words(tmp_path: Path) -> None:
    """Everything else stays as it is."""
    own = load_own(tmp_path, "en", '[turn]\nprovider = "We are on it"\n')
    assert own.label("turn", "provider") == "We are on it"
    assert own.label("turn", "customer") == WORDING.label("turn", "customer")


def test_another_language_can_be_begun_with_a_few_words(tmp_path: Path) -> None:
    """It has its own dates and plurals, of which not every language has two."""
    days = '{ one = "{count} dzień", few = "{count} dni", many = "{count} dni", other = "x" }'
    polish = load_own(tmp_path, "pl", f'language = "pl"\nlocale = "pl"\ndays = {days}\n')
    said = [polish.text("days", count=count) for count in (1, 3, 5, 22)]
    assert said == ["1 dzień", "3 dni", "5 dni", "22 dni"]
    assert polish.text("overview.hours_left") == "Hours left"
    assert polish.day(date(2026, 3, 1)) == "1 marca 2026"


@pytest.mark.parametrize(
    ("texts", "message", "hint"),
    [
        ('[overview]\ntitel = "x"\n', r"no text called overview\.titel", "overview.title"),
        ('[turn]\nprovder = "x"\n', r"no text called turn\.provder", "turn.provider"),
        ('[site]\nname = "{nobody}"\n', r"site\.name has no value nobody", "{customer}"),
        ('[site]\nname = "{a.__class__}"\n', r"site\.name has no value a\.__class__", ""),
        ('[site]\nname = "{0}"\n', r"site\.name has no value 0", ""),
        ('[site]\nname = "{customer"\n', r"site\.name is no text to fill in", ""),
        ('days = "{number}"\n', r"days has no value number", ""),
        ("[site\n", "cannot be read", ""),
        ('locale = "nowhere"\n', "no locale 'nowhere'", ""),
        ('overview = "x"\n', "no text called overview", ""),
        ('[site.name]\nlong = "x"\n', r"no text called site\.name\.long", ""),
    ],
)
def test_a_text_that_does_not_fit_is_refused(
    texts: str, message: str, hint: str, tmp_path: Path
) -> None:
    """By its name, before any page is made; and no text reaches into a value."""
    with pytest.raises(LedgerError, match=message) as refused:
        load_own(tmp_path, "en", texts)
    assert hint in refused.value.hint


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    """It says which file is missing."""
    with pytest.raises(LedgerError, match="no texts for the language 'xx'"):
        load_wording("xx", tmp_path)
