"""What ends, in words."""

from __future__ import annotations

from site_builder.pages.wording import Wording
from site_builder.portal_view import EndingView, PortalView


def name_ending(ending: EndingView, view: PortalView, wording: Wording) -> str:
    """Return what ends; people are called by their names."""
    subject = ending.subject
    if ending.kind == "account":
        subject = next(
            (person.name for person in view.accounts if person.email == subject), subject
        )
    if ending.kind == "card":
        subject = wording.text("lot.card", id=subject)
    return wording.text(f"ending.{ending.kind}", subject=subject)
