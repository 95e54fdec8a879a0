"""New request: the question that tells support from punchcard work, then a form for an e-mail.

The form needs no server: the customer's mail program sends the e-mail that it makes, which
``punchcard request open --from-email`` reads (see ``ledger.intake.mail``).
"""

from __future__ import annotations

from site_builder.pages.environment import PageRenderer, is_address
from site_builder.pages.site import SitePage
from site_builder.pages.terms import CHARGED_CATEGORIES
from site_builder.view import PortalView

# The reader of mails takes these lengths in full.
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 20_000

_URGENCIES = ("low", "normal", "high")


def render_new_request_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page with the form."""
    wording = renderer.wording
    values = {
        "view": view,
        "takes_mail": is_address(view.provider.requests_contact),
        "categories": CHARGED_CATEGORIES,
        "urgencies": [wording.text(f"new_request.urgency_{name}") for name in _URGENCIES],
        "people": [person for person in view.accounts if person.state == "active"],
        "longest_title": LONGEST_TITLE,
        "longest_description": LONGEST_DESCRIPTION,
    }
    words = f"{wording.text('new_request.question')} {wording.text('new_request.lead')}"
    return renderer.render_page("new-request", values, words)
