"""One visit to a portal: a page in the browser, and everything about it that should not happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

    from tests.browser.looks import Look
    from tests.browser.portal_server import PortalServer

_LOCAL_SCHEMES = ("file:", "data:", "blob:", "about:")
_NOTE_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event => console.error(
    `violates ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`))
"""


@dataclass
class Visit:
    """A page, and what went wrong on it: foreign requests, errors, dialogs, violations."""

    page: Page
    server: PortalServer
    troubles: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, context: BrowserContext, server: PortalServer) -> Visit:
        """Open an empty page and watch it from now on."""
        page = context.new_page()
        page.add_init_script(_NOTE_VIOLATIONS)
        visit = cls(page, server)
        page.on("request", visit._note_request)
        page.on("console", visit._note_console)
        page.on("pageerror", lambda error: visit.troubles.append(f"error: {error}"))
        page.on("dialog", visit._note_dialog)
        return visit

    def go(self, path: str) -> Page:
        """Open a page of the portals and wait until it is loaded."""
        self.page.goto(self.server.url(path))
        return self.page

    def look_with(self, look: Look) -> None:
        """Look at the same page on another screen, or in other colours."""
        self.page.set_viewport_size({"width": look.width, "height": look.height})
        self.page.emulate_media(color_scheme=look.scheme)

    def settle(self) -> None:
        """Wait until nothing more is asked for."""
        self.page.wait_for_load_state("networkidle")

    def ask(self, script: str, argument: object = None) -> Any:
        """Return what a function in the page says."""
        return self.page.evaluate(script, argument)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.server.address}/", *_LOCAL_SCHEMES)):
            self.troubles.append(f"asks another host: {request.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            place = message.location["url"]
            self.troubles.append(f"console: {message.text} ({place})")

    def _note_dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()
