"""The terms of sale with their numbers, and the page that says what is charged and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.dates import ONE_DAY
from ledger.models import Category
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SitePage
from site_builder.pages.wording import Wording
from site_builder.view import PortalView, TermsView

CHARGED_CATEGORIES = tuple(category.value for category in Category if category.is_charged)
_SOLD = tuple(name for name in CHARGED_CATEGORIES if name != Category.SYSTEM_ACCESS)


def render_terms_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the terms in force, and those that were in force before."""
    wording = renderer.wording
    values = {
        "view": view,
        "rows_of": lambda terms: list(_list_numbers(terms, view.currency, wording)),
        "earlier": _pair_with_last_days(view),
        "sold_categories": _SOLD,
        "weekday": wording.text(f"weekday.{view.provider.published_on}"),
        **describe_limits(view.terms, wording),
    }
    sections = {"numbers": "numbers", "fine-print": "fine_print"}
    if view.earlier_terms:
        sections["earlier"] = "earlier"
    words = (wording.text(f"terms.{name}") for name in ("access", "support", "agreement_name"))
    headings = [Heading(anchor, wording.text(f"terms.{name}")) for anchor, name in sections.items()]
    return renderer.render_page("terms", values, " ".join(words), headings)


def render_support_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page that tells technical support from punchcard work."""
    values = {"view": view, "charged_categories": CHARGED_CATEGORIES}
    return renderer.render_page("support", values, renderer.wording.text("support.lead"))


def describe_limits(terms: TermsView, wording: Wording) -> dict[str, str]:
    """Return the limits of accounts and of the portal in words, for the templates."""
    return {
        "account_limit": wording.text("accounts_many", count=terms.account_limit),
        "inactivity": wording.text("months_long", count=terms.account_inactivity_months),
        "retention": wording.text("months_long", count=terms.portal_retention_months),
    }


def _list_numbers(terms: TermsView, currency: str, wording: Wording) -> Iterator[tuple[str, str]]:
    limits = describe_limits(terms, wording)
    price = wording.text("terms.price_unset", currency=currency)
    if terms.price is not None:
        price = wording.money(terms.price, currency)
    validity = wording.text("terms.validity_none")
    if terms.punchcard_validity_months is not None:
        validity = wording.text("months_long", count=terms.punchcard_validity_months)
    numbers = {
        "card": wording.minutes(terms.punchcard_minutes),
        "price": price,
        "increment": wording.minutes(terms.increment_minutes),
        "validity": validity,
        "low": wording.minutes(terms.low_balance_minutes),
        "overdraft": wording.minutes(terms.overdraft_minutes),
        "account_limit": str(terms.account_limit),
        "inactivity": limits["inactivity"],
        "retention": limits["retention"],
    }
    for name, value in numbers.items():
        yield wording.text(f"terms.{name}"), value


def _pair_with_last_days(view: PortalView) -> list[tuple[TermsView, date]]:
    """Pair earlier terms, newest first, with their last day: the day before the next ones."""
    newer = (view.terms, *view.earlier_terms)
    return [
        (terms, after.effective - ONE_DAY)
        for terms, after in zip(view.earlier_terms, newer, strict=False)
    ]
