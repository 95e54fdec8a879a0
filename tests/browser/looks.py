"""How a page is looked at: on which screen, in which colours; and which pages there are."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Look:
    """A screen and what its owner prefers.

    Attributes:
        width: in CSS pixels.
        scale: device pixels for one CSS pixel; 2 is what a zoom of 200 % gives.
        calm: whether the owner asks for less motion.
    """

    width: int = 1280
    height: int = 800
    scheme: Literal["light", "dark"] = "light"
    scale: float = 1
    calm: bool = True
    script: bool = True
    forced_colors: bool = False


DESKTOP = Look()
PHONE = Look(width=390, height=844, scale=2)
NARROW = Look(width=320, height=640)
ZOOMED = Look(width=640, height=400, scale=2)

SCREENS = {
    "desktop-light": DESKTOP,
    "desktop-dark": Look(scheme="dark"),
    "phone-light": PHONE,
    "phone-dark": Look(width=390, height=844, scheme="dark", scale=2),
}

PAGES = {
    "overview": "acme/index.html",
    "requests": "acme/requests.html",
    "request": "acme/requests/ACME-12.html",
    "punchcards": "politechnika-nadmorska/punchcards.html",
    "statement": "politechnika-nadmorska/statement.html",
    "new-request": "acme/new-request.html",
    "buy-hours": "acme/buy-hours.html",
    "answer": "acme/requests/ACME-13.html",
    "dates": "acme/dates.html",
    "terms": "acme/terms.html",
    "support": "acme/support.html",
    "search": "acme/search.html",
}
"""A page of each kind, by the customer in whose portal it has the most to show."""

DOCUMENT = "politechnika-nadmorska/statement-document.html"
"""The statement as it is filed: a page without menu and script."""

OVERVIEWS = {
    "low": "hoshizora/index.html",
    "used-up": "nordlys-rail/index.html",
    "goodwill": "politechnika-nadmorska/index.html",
}
"""What the Overview looks like when the hours left are few, none, or partly free of charge."""
