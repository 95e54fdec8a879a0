"""What people type: dates, durations, amounts and other values, and what the shell completes.

Completion looks at names of files, and into a few of them, without reading the ledger: the
person is waiting with a finger on the key. Whatever cannot be read completes to nothing.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from ledger.cli import lazy
from ledger.dates import ONE_DAY, WEEKDAYS, add_months
from ledger.duration import parse_duration
from ledger.text import natural_key, suggest_name
from ledger.uses import DEFAULT_USES

# The words that options choose from are those of ``ledger.models``. They are written out here so
# that help and completion need not import pydantic; a test compares the two.
STATUSES = ("open", "in-progress", "waiting-for-customer", "resolved", "closed")
CHANNELS = ("punchcard", "support")
LICENCE_TYPES = ("commercial", "academic", "evaluation")
NOTICES = ("all", "important", "none")
_SHORTEST_WEEKDAY = 3
_MONEY = re.compile(r"(0|[1-9][0-9]{0,11})([.][0-9]{2,4})?")
_FOLDER = "customers"
_SETTING = re.compile(r'^\[punchcard\][^[]*^\s*ledger\s*=\s*"?([^"\n]+?)"?\s*$', re.MULTILINE)
_ENTRY_ID = re.compile(r"^\s*-\s+\{?\s*id:\s*([A-Za-z0-9._-]+)", re.MULTILINE)
_TITLE = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)
_READ_LIMIT = 64 * 1024


class ParsedType(click.ParamType[Any]):
    """What ``parse`` makes of a text, or refuses with a ``ValueError`` that says why."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self.parse = parse

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return what ``value`` means."""
        try:
            return self.parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _parse_day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date; write it as YYYY-MM-DD") from error


def _parse_past_day(text: str) -> Callable[[date], date]:
    """Return what finds the day that a word means, from the day that is today."""
    word = text.strip().lower()
    days = {"today": 0, "yesterday": 1}.get(word)
    if days is None and re.fullmatch("-[0-9]{1,4}", word):
        days = -int(word)
    if days is not None:
        return lambda today: today - timedelta(days)
    for number, name in enumerate(WEEKDAYS):
        if len(word) >= _SHORTEST_WEEKDAY and name.startswith(word):
            return lambda today: today - timedelta((today.weekday() - number) % len(WEEKDAYS))
    try:
        day = _parse_day(word)
    except ValueError as error:
        raise ValueError(f"{error}, or as yesterday, mon or -1") from error
    return lambda _today: day


def _parse_period(part: str, months: int, example: str, text: str) -> tuple[str, date, date]:
    """Return a period's name, its first and its last day; ``part`` is what follows the year."""
    if found := re.fullmatch(f"(?P<year>[0-9]{{4}}){part}", text):
        year, number = int(found["year"]), int(found.groupdict().get("part", 1))
        with suppress(ValueError):
            first = date(year, months * (number - 1) + 1, 1)
            return text, first, add_months(first, months) - ONE_DAY
    raise ValueError(f"{text!r} is no such period; write it like {example}")


def _parse_money(text: str) -> Decimal:
    if not _MONEY.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount; write it like 2000 or 2000.00")
    return Decimal(text)


def _parse_price(text: str) -> tuple[str, Decimal]:
    currency, equals, amount = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is no price; write it like EUR=980")
    return currency, _parse_money(amount)


def _parse_setting(text: str) -> tuple[str, int | str | None]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise ValueError(f"write KEY=VALUE, or KEY={NONE}")
    return key, None if value == NONE else int(value) if value.isdecimal() else value


def _parse_form(form: str, text: str) -> str:
    """Return a text that has one of the forms of ``ledger.models.fields``."""
    known = getattr(lazy.fields, form)
    if not re.search(known.pattern, text):
        raise ValueError(f"{text!r} is not {known.what}; {known.hint}")
    return text


def _parse_zone(text: str) -> str:
    from zoneinfo import available_timezones

    zones = available_timezones()
    if text not in zones:
        hint = suggest_name(text, zones) or "write an IANA name, like Europe/Berlin"
        raise ValueError(f"{text!r} is not a time zone; {hint}")
    return text


def _parse_person(text: str) -> tuple[str, str]:
    from email.utils import parseaddr

    name, email = parseaddr(text)
    if not (name and "@" in email):
        raise ValueError(f"{text!r} is nobody; write it like 'Alex Kim <alex@tools.example>'")
    return name, email


def _parse_rule(name: str) -> str:
    names = lazy.explain.load_rule_texts()
    if name not in names:
        hint = suggest_name(name, names) or "`punchcard explain` lists them"
        raise ValueError(f"there is no rule {name!r}; {hint}")
    return name


NONE = "-"
"""What is typed to say that there is no value."""

DAY = ParsedType("date", _parse_day)
PAST_DAY = ParsedType("date", _parse_past_day)
DAY_OR_NONE = ParsedType("date", lambda text: None if text == NONE else _parse_day(text))
DURATION = ParsedType("duration", parse_duration)
DURATION_OR_NONE = ParsedType(
    "duration", lambda text: text if text == NONE else DURATION.parse(text)
)
MONEY = ParsedType("amount", _parse_money)
CURRENCY = ParsedType("currency", partial(_parse_form, "CURRENCY"))
DOMAIN = ParsedType("domain", partial(_parse_form, "DOMAIN"))
ZONE = ParsedType("zone", _parse_zone)
PERSON = ParsedType("person", _parse_person)
PRICE = ParsedType("price", _parse_price)
SETTING = ParsedType("setting", _parse_setting)
RULE = ParsedType("rule", _parse_rule)
MONTH = ParsedType("month", partial(_parse_period, "-(?P<part>[0-9]{2})", 1, "2026-10"))
QUARTER = ParsedType("quarter", partial(_parse_period, "-Q(?P<part>[1-4])", 3, "2026-Q3"))
YEAR = ParsedType("year", partial(_parse_period, "", 12, "2026"))
PATH = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
FOLDER.name = "dir"


def complete(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete an argument or an option by its name."""
    list_items, is_of_customer, fold = _LISTS[str(parameter.name)]
    folder, customer = _find_ledger(context), context.params.get("customer")
    is_of_any = is_of_customer and customer is None
    if folder is None or (is_of_any and parameter.name != "request"):
        return []
    if is_of_any or (parameter.name == "customer" and incomplete[:1].isupper()):
        files = folder.glob(f"*/requests/{incomplete.upper()}*.yml")
        return [*map(_describe_request, sorted(files))]
    items = list_items(folder / str(customer) if is_of_customer else folder)
    return [item for item in items if fold(item.value).startswith(fold(incomplete))]


def complete_rule(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of rules that begin so, with what the rules say."""
    rules = lazy.explain.load_rule_texts().values()
    found = (CompletionItem(rule.name, help=rule.says) for rule in rules)
    return [item for item in found if item.value.startswith(incomplete)]


def _list_customers(ledger: Path) -> Iterator[CompletionItem]:
    return map(CompletionItem, _list_names(ledger, wants_folders=True))


def _list_requests(customer: Path) -> Iterator[CompletionItem]:
    files = (customer / "requests").glob("[!.]*.yml")
    return map(_describe_request, sorted(files, key=lambda file: natural_key(file.stem)))


def _describe_request(file: Path) -> CompletionItem:
    title = _TITLE.search(_read(file))
    text = title[1].partition(" #")[0].strip().strip("\"'") if title else None
    return CompletionItem(file.stem, help=text)


def _list_entries(customer: Path) -> Iterator[CompletionItem]:
    """Yield the full names of time entries; the newest month comes first."""
    for file in reversed(_list_names(customer / "time", wants_folders=False)):
        for entry_id in _ENTRY_ID.findall(_read(customer / "time" / file)):
            yield CompletionItem(f"{file.removesuffix('.yml')}/{entry_id}")


def _find_ledger(context: click.Context) -> Path | None:
    """Return the ledger's folder: the one named, or that of the work tree around us."""
    named = context.find_root().params.get("ledger") or os.environ.get("PUNCHCARD_LEDGER")
    if named is not None:
        folder = Path(named)
        is_inside = (folder / "provider.yml").exists() or not (folder / _FOLDER).is_dir()
        return folder if is_inside else folder / _FOLDER
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            setting = _SETTING.search(_read(folder / ".git" / "config"))
            return folder / (setting[1] if setting else _FOLDER)
    return None


def _list_names(folder: Path, *, wants_folders: bool) -> list[str]:
    with suppress(OSError):
        visible = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
        return sorted(entry.name for entry in visible if entry.is_dir() == wants_folders)
    return []


def _list_people(name: str, key: str, folder: Path) -> list[CompletionItem]:
    """Return the people that a file lists, each by the value of ``key``, with their names."""
    people = _list_records(folder / name, key)
    return [CompletionItem(each[key], help=each.get("name")) for each in people]


def _list_categories(ledger: Path) -> Iterable[CompletionItem]:
    """Return the categories of the terms in force."""
    today, terms = f"{datetime.now(UTC):%Y-%m-%d}", _list_records(ledger / "terms.yml", "effective")
    begun = [each for each in terms if each["effective"] <= today]
    categories = max(begun, key=itemgetter("effective"), default={}).get("categories")
    ids = [each["id"] for each in _only_records(categories, "id")]
    return map(CompletionItem, ids or DEFAULT_USES.all)


def _list_records(file: Path, key: str) -> list[dict[str, Any]]:
    """Return what a file of the ledger lists with a text as ``key``; nothing if it is damaged."""
    with suppress(OSError, lazy.yaml.YamlSyntaxError):
        return _only_records(lazy.yaml.parse_yaml(file.read_bytes()), key)
    return []


def _only_records(value: Any, key: str) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return [each for each in items if isinstance(each, dict) and isinstance(each.get(key), str)]


def _read(file: Path) -> str:
    with suppress(OSError), file.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(_READ_LIMIT)
    return ""


_LISTS: dict[str, tuple[Callable[[Path], Iterable[CompletionItem]], bool, Callable[[str], str]]] = {
    "customer": (_list_customers, False, str),
    "customers": (_list_customers, False, str),
    "request": (_list_requests, True, str.casefold),
    "email": (partial(_list_people, "accounts.yml", "email"), True, str.casefold),
    "consultant": (partial(_list_people, "consultants.yml", "handle"), False, str),
    "by": (partial(_list_people, "consultants.yml", "handle"), False, str),
    "opened_by": (partial(_list_people, "consultants.yml", "handle"), False, str),
    "entry": (_list_entries, True, str),
    "category": (_list_categories, False, str),
}

"""By parameter: what lists its values, whether of the customer typed before, how they compare."""
