"""New request: the question that tells support from punchcard work, then a form for an e-mail.

The form needs no server. What is filled in becomes an e-mail, in the form that ``punchcard
request open --from-email`` reads (``ledger.intake.mail`` describes it), and the customer's own
mail program sends it. Who asks is the address it is sent from.
"""

from __future__ import annotations

from ledger.models import Category
from site_builder.pages.environment import PageRenderer, is_address
from site_builder.pages.site import SearchEntry, SitePage
from site_builder.portal_view import PortalView

# What the reader of mails takes in full.
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 20_000

CHARGED_CATEGORIES = tuple(category.value for category in Category if category.is_charged)
_URGENCIES = ("low", "normal", "high")


def render_new_request_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page on which a request begins."""
    wording = renderer.wording
    title = wording.text("new_request.title")
    body = renderer.render(
        "new-request.html",
        {
            "view": view,
            "takes_mail": is_address(view.provider.requests_contact),
            "categories": CHARGED_CATEGORIES,
            "urgencies": [wording.text(f"new_request.urgency_{name}") for name in _URGENCIES],
            "people": [person for person in view.accounts if person.state == "active"],
            "longest_title": LONGEST_TITLE,
            "longest_description": LONGEST_DESCRIPTION,
        },
    )
    words = (wording.text("new_request.question"), wording.text("new_request.lead"))
    return SitePage(
        path="new-request",
        title=title,
        body=body,
        search_entries=(SearchEntry(title, " ".join(words)),),
    )
