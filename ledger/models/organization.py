"""The company that sells: provider.yml, terms.yml and consultants.yml."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from ledger.colour import LEAST_CONTRAST, WHITE, find_contrast, make_legible
from ledger.models import fields as f
from ledger.money import count_digits, explain_digits, round_share
from ledger.text import make_slug, quote_value, suggest_name
from ledger.uses import DEFAULT_USES, Uses

_EFFECTIVE = attrgetter("effective")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = suggest_name(name, available_timezones()) or "write an IANA name, like Europe/Berlin"
        raise f.make_refusal("{name} is not a time zone", hint, name=quote_value(name)) from None
    return name


TimeZone = Annotated[f.Text, AfterValidator(_check_timezone)]


class Contacts(f.Record):
    """Where customers write to."""

    requests: f.LinkOrAddress = f.field("Address for new requests.", "help@example.com")
    sales: f.LinkOrAddress = f.field(
        "Address or page for buying more punchcards.", "sales@example.com"
    )
    support: f.LinkOrAddress | None = f.optional(
        "Address or page of technical support.", "https://support.example.com"
    )


class Links(f.Record):
    """Pages of the provider that the portals point to."""

    agreement: f.LinkOrAddress = f.field(
        "The Product Service Terms Agreement.", "https://example.com/terms"
    )
    marketplace: f.LinkOrAddress | None = f.optional(
        "Where licences are bought; left out, portals say nothing of licences.",
        "https://marketplace.example",
    )


class ProviderNotices(f.Record):
    """Whom at the provider `punchcard notices` tells of what."""

    sales: f.EmailAddress | None = f.optional(
        "Customers whose hours run low, with what they usually buy.", "sales@example.com"
    )
    requests: f.EmailAddress | None = f.optional(
        "Requests that nobody has taken up for a week.", "help@example.com"
    )
    endings: f.EmailAddress | None = f.optional(
        "Accounts and portals that end.", "operations@example.com"
    )
    publications: f.EmailAddress | None = f.optional(
        "Portals that were held back.", "operations@example.com"
    )


def _check_contrast(colour: str) -> str:
    contrast = find_contrast(colour, WHITE)
    if contrast < LEAST_CONTRAST:
        message = "{colour} has a contrast of {contrast} to 1 with white, but words need {least}"
        hint = f"{make_legible(colour, [WHITE])} would be enough; tints for the dark are worked out"
        ratio, least = f"{contrast - 0.005:.2f}", str(LEAST_CONTRAST)
        raise f.make_refusal(message, hint, colour=colour, contrast=ratio, least=least)
    return colour


class Brand(f.Record):
    """How portals, statements and mails show whose they are."""

    logo: f.BrandFile | None = f.optional("An SVG or PNG beside provider.yml.", "brand/logo.svg")
    colour: Annotated[f.Colour, AfterValidator(_check_contrast)] | None = f.optional(
        "Of header, buttons, links and pictures: words in it can be read on white.", "#0c6b73"
    )
    footer: f.Listed[f.Text] = f.listed(
        "Lines at the foot of every page.", ["Example Tools GmbH, Berlin"]
    )
    terms: f.BrandFiles | None = f.optional(
        "The terms of sale in full, as Markdown: a file, or one for each language.",
        {"en": "brand/terms.md", "de": "brand/terms.de.md"},
        "brand/terms.md",
    )

    def find_terms(self, language: str) -> str | None:
        """Return the file of the terms in a language, or else in the first that there is."""
        files = self.terms or {}
        return files.get(language) or next(iter(files.values()), None)

    @property
    def files(self) -> dict[tuple[str, ...], str]:
        """The files it names, by where it names them."""
        logo: dict[tuple[str, ...], str] = {("logo",): self.logo} if self.logo else {}
        return logo | {("terms", language): file for language, file in (self.terms or {}).items()}


class Provider(f.Record):
    """provider.yml: the company that sells."""

    name: f.Text = f.field("The provider's name, as customers read it.", "Example Tools")
    timezone: TimeZone = f.field(
        "IANA time zone whose calendar decides what today is.", "Europe/Berlin"
    )
    published_on: Weekday = f.field("The day of the weekly update.", "monday")
    contacts: Contacts = f.field("Where customers write to.")
    links: Links = f.field("Pages of the provider that the portals point to.")
    portal_domain: f.Domain | None = f.optional(
        "Portals are at <customer>.<this>; invitations link there.", "portals.example.com"
    )
    notices: ProviderNotices | None = f.optional("Whom at the provider to tell of what.")
    brand: Annotated[Brand, BeforeValidator(lambda value: value or {})] = f.field(
        "How portals, statements and mails show whose they are.", default=Brand()
    )
    shows_money: Annotated[f.Flag, BeforeValidator(lambda value: value or "true")] = f.field(
        "Whether portals have prices, say what time cost and what is left in money.",
        True,
        default=True,
    )

    @property
    def zone(self) -> ZoneInfo:
        """The provider's time zone."""
        return ZoneInfo(self.timezone)


class Consultant(f.Record):
    """An item of consultants.yml: who may log time."""

    handle: f.Handle = f.field("Short name, as in the names of time files.", "alice")
    name: f.Text = f.field("The name that customers read.", "Alice Moreau")
    emails: Annotated[tuple[f.EmailAddress, ...], Field(min_length=1)] = f.field(
        "Git author addresses.", ["alice@example.com"]
    )
    until: f.Day | None = f.optional("The last working day.", "2026-03-31")

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is not after the last working day."""
        return self.until is None or day <= self.until


class Agreement(f.Record):
    """What purchases are covered by, in the version that holds from the terms' first day on."""

    version: f.Text = f.field("Its version, as contracts name it.", "2026-01")
    link: f.LinkOrAddress = f.field("Where this version is.", "https://example.com/terms/2026-01")


class Category(f.Record):
    """An item of the terms' categories: what a punchcard is used for."""

    id: f.CategoryId = f.field("What requests and time entries call it.", "contract-review")
    name: f.Names = f.field(
        "What customers read: a text, or one for each language.",
        {"en": "Contract review", "de": "Vertragsprüfung"},
        "Contract review",
    )
    charged: f.Flag | None = f.optional(
        "Whether its time draws on punchcards; left out: it does.", False
    )

    def name_in(self, language: str) -> str:
        """Return its name in a language, or else in the first that has one."""
        known = (self.name.get(name) for name in (language, language.partition("-")[0]))
        return next(filter(None, known), None) or next(iter(self.name.values()))


def _check_ids(categories: tuple[Category, ...]) -> tuple[Category, ...]:
    taken = {"none", "unsure"}  # what forms and pages call having none
    for index, each in enumerate(categories):
        if each.id in taken:
            path = (index, "id")
            raise f.make_refusal("the id {id} is taken", "choose another", path, id=each.id)
        taken.add(each.id)
    return categories


def _check_digits(price: dict[str, Decimal]) -> dict[str, Decimal]:
    for currency, amount in price.items():
        if explained := explain_digits(amount, currency):
            raise f.make_refusal(*explained, (currency,))
    return price


class Terms(f.Record):
    """An item of terms.yml: the terms of sale from a date on."""

    effective: f.Day = f.field("The first day of these terms.", "2026-01-01")
    punchcard_minutes: f.Count = f.field("Minutes of one punchcard.", 300)
    increment_minutes: f.Count = f.field("Time is charged in steps of this.", 15)
    price: Annotated[
        dict[f.Currency, f.Money], Field(min_length=1), AfterValidator(_check_digits)
    ] = f.field("List price of one punchcard, by currency.", {"USD": 1000.00, "EUR": 950.00})
    account_limit: f.Count = f.field("Accounts a portal may have.", 3)
    account_inactivity_months: f.Count = f.field(
        "An account is disabled after so many months without activity.", 6
    )
    portal_retention_months: f.CountOrNone = f.field(
        "The portal stays so long after the last completion.", 12
    )
    punchcard_validity_months: f.Count | None = f.optional(
        "Cards expire after so many months; empty: never.", 24
    )
    overdraft_minutes: f.CountOrNone = f.field("How far a customer may go below zero.", 0)
    low_balance_minutes: f.CountOrNone = f.field(
        "From here on the portal and the reports say low.", 60
    )
    agreement: Annotated[Agreement, f.KNOWN_LATER] | None = f.optional(
        "The service agreement that covers purchases from this day on.",
        {"version": "2026-01", "link": "https://example.com/terms/2026-01"},
    )
    categories: Annotated[f.Listed[Category], AfterValidator(_check_ids)] = f.listed(
        "What punchcards are used for; left out: the usual categories of software support.",
        [{"id": "contract-review", "name": "Contract review"}],
    )

    @cached_property
    def uses(self) -> Uses:
        """What punchcards are used for under these terms."""
        if not self.categories:
            return DEFAULT_USES
        free = tuple(each.id for each in self.categories if each.charged is False)
        return Uses(tuple(each.id for each in self.categories if each.id not in free), free)

    def price_minutes(self, minutes: int, currency: str) -> Decimal | None:
        """Return what minutes cost at the list price; None if there is none in the currency."""
        price = self.price.get(currency)
        if price is None:
            return None
        return round_share(price, minutes, self.punchcard_minutes, count_digits(currency))


def _check_terms_ascend(terms: list[Terms]) -> list[Terms]:
    """Refuse terms that are not listed newest last."""
    for index, (before, this) in enumerate(pairwise(terms), start=1):
        if this.effective <= before.effective:
            raise f.make_refusal(
                "terms are listed newest last: {this} does not come after {before}",
                "correct the date, or put the terms in order",
                (index, "effective"),
                this=this.effective.isoformat(),
                before=before.effective.isoformat(),
            )
    return terms


TermsList = Annotated[list[Terms], AfterValidator(_check_terms_ascend)]
"""The terms of terms.yml, newest last."""


class TermsHistory:
    """The terms of sale by the date from which they apply."""

    def __init__(self, terms: Iterable[Terms] = ()) -> None:
        self.terms: tuple[Terms, ...] = tuple(sorted(terms, key=_EFFECTIVE))

    def in_force_on(self, day: date) -> Terms | None:
        """The terms in force on ``day``; None before the first."""
        index = bisect_right(self.terms, day, key=_EFFECTIVE)
        return self.terms[index - 1] if index else None

    def applying_to(self, day: date) -> Terms | None:
        """As ``in_force_on``, but the first terms also hold for what happened before them."""
        return self.in_force_on(day) or (self.terms[0] if self.terms else None)

    def until(self, day: date) -> tuple[Terms, ...]:
        """The terms that came into force by ``day``, newest last; before that the first."""
        return self.terms[: bisect_right(self.terms, day, key=_EFFECTIVE)] or self.terms[:1]

    def uses_on(self, day: date) -> Uses:
        """What punchcards are used for on ``day``."""
        terms = self.applying_to(day)
        return DEFAULT_USES if terms is None else terms.uses

    def name_categories(self, language: str) -> dict[str, str]:
        """Return by id what the terms call their categories; those in force last come last."""
        return {each.id: each.name_in(language) for one in self.terms for each in one.categories}

    def find_category(self, written: str, day: date) -> str:
        """Return the id of the category so called, or so named in any language; else the text."""
        terms, slug = self.applying_to(day), make_slug(written)
        for each in terms.categories if terms else ():
            if slug in {each.id, *map(make_slug, each.name.values())}:
                return each.id
        return slug if slug in self.uses_on(day).all else written
