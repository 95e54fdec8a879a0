"""The terms of sale in plain words with their numbers, and what is charged and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.dates import ONE_DAY
from ledger.models import Category
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.pages.wording import Wording
from site_builder.portal_view import PortalView, TermsView

_CHARGED = tuple(category.value for category in Category if category.is_charged)
_SOLD = tuple(name for name in _CHARGED if name != Category.SYSTEM_ACCESS)


def render_terms_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the terms in force, and those that were in force before."""
    wording = renderer.wording
    terms = view.terms
    body = renderer.render(
        "terms.html",
        {
            "view": view,
            "rows_of": lambda terms: list(_list_numbers(terms, view.currency, wording)),
            "earlier": _pair_with_last_days(view),
            "sold_categories": _SOLD,
            "account_limit": wording.text("accounts_many", count=terms.account_limit),
            "inactivity": wording.text("months_long", count=terms.account_inactivity_months),
            "retention": wording.text("months_long", count=terms.portal_retention_months),
            "weekday": wording.text(f"weekday.{view.provider.published_on}"),
        },
    )
    title = wording.text("terms.title")
    sections = [("numbers", "numbers"), ("fine-print", "fine_print")]
    if view.earlier_terms:
        sections.append(("earlier", "earlier"))
    return SitePage(
        path="terms",
        title=title,
        body=body,
        headings=tuple(Heading(anchor, wording.text(f"terms.{name}")) for anchor, name in sections),
        search_entries=(SearchEntry(title, " ".join(_list_words(wording))),),
    )


def render_support_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page that tells technical support from punchcard work."""
    wording = renderer.wording
    title = wording.text("support.title")
    return SitePage(
        path="support",
        title=title,
        body=renderer.render("support.html", {"view": view, "charged_categories": _CHARGED}),
        search_entries=(SearchEntry(title, wording.text("support.lead")),),
    )


def _list_words(wording: Wording) -> Iterator[str]:
    for name in ("access", "support", "agreement_name"):
        yield wording.text(f"terms.{name}")


def _list_numbers(terms: TermsView, currency: str, wording: Wording) -> Iterator[tuple[str, str]]:
    def name(key: str) -> str:
        return wording.text(f"terms.{key}")

    def months(count: int) -> str:
        return wording.text("months_long", count=count)

    price = wording.text("terms.price_unset", currency=currency)
    if terms.price is not None:
        price = wording.money(terms.price, currency)
    validity = terms.punchcard_validity_months
    yield name("card"), wording.minutes(terms.punchcard_minutes)
    yield name("price"), price
    yield name("increment"), wording.minutes(terms.increment_minutes)
    yield name("validity"), name("validity_none") if validity is None else months(validity)
    yield name("low"), wording.minutes(terms.low_balance_minutes)
    yield name("overdraft"), wording.minutes(terms.overdraft_minutes)
    yield name("account_limit"), str(terms.account_limit)
    yield name("inactivity"), months(terms.account_inactivity_months)
    yield name("retention"), months(terms.portal_retention_months)


def _pair_with_last_days(view: PortalView) -> list[tuple[TermsView, date]]:
    """Pair earlier terms, newest first, with their last day: the day before the next ones."""
    newer = view.terms
    pairs = []
    for terms in view.earlier_terms:
        pairs.append((terms, newer.effective - ONE_DAY))
        newer = terms
    return pairs
