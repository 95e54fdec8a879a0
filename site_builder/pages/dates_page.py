"""Accounts and dates: who may see the portal, and what ends when."""

from __future__ import annotations

from site_builder.pages.calendar_file import CALENDAR_PATH
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.portal_view import PortalView


def render_dates_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of accounts, licences, services and the portal's own last day."""
    wording = renderer.wording
    terms = view.terms
    body = renderer.render(
        "dates.html",
        {
            "view": view,
            "calendar_path": CALENDAR_PATH if view.has_endings else None,
            "account_limit": wording.text("accounts_many", count=terms.account_limit),
            "inactivity": wording.text("months_long", count=terms.account_inactivity_months),
            "retention": wording.text("months_long", count=terms.portal_retention_months),
        },
    )
    title = wording.text("dates.title")
    sections = ["portal", "accounts", "licences", *(["services"] if view.services else [])]
    names = [
        *(account.name for account in view.accounts),
        *(licence.product for licence in view.licences),
        *(service.name for service in view.services),
    ]
    return SitePage(
        path="dates",
        title=title,
        body=body,
        headings=tuple(Heading(name, wording.text(f"dates.{name}")) for name in sections),
        search_entries=(SearchEntry(title, ", ".join(names)),),
    )
