"""What is sold and what is charged: the terms of sale, support or punchcard, a new request.

The form of a new request needs no server: the customer's mail program sends the e-mail that it
makes, which ``punchcard request open --from-email`` reads (see ``ledger.intake.mail``).
"""

from __future__ import annotations

from ledger.dates import ONE_DAY
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SitePage
from site_builder.view import PortalView


def render_terms_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the terms in force, and those that were in force before."""
    wording = renderer.wording
    # Each of the earlier terms, newest first, with its last day: the day before the next ones.
    newer = (view.terms, *view.earlier_terms)
    earlier = [
        (terms, after.effective - ONE_DAY)
        for terms, after in zip(view.earlier_terms, newer, strict=False)
    ]
    sections = {"numbers": "numbers", "fine-print": "fine_print"}
    if earlier:
        sections["earlier"] = "earlier"
    words = (wording.text(f"terms.{name}") for name in ("access", "support", "agreement_name"))
    headings = [Heading(anchor, wording.text(f"terms.{name}")) for anchor, name in sections.items()]
    return renderer.render_page("terms", " ".join(words), headings, view=view, earlier=earlier)


def render_support_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page that tells technical support from punchcard work."""
    return renderer.render_page("support", renderer.wording.text("support.lead"), view=view)


def render_new_request_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the question that tells support from punchcard work, and the form."""
    words = map(renderer.wording.text, ("new_request.question", "new_request.lead"))
    return renderer.render_page("new-request", " ".join(words), view=view)
