"""One customer's portal in the browser, built anew whenever the ledger's files change."""

import errno
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from mkdocs.livereload import LiveReloadServer

from ledger.errors import LedgerError
from ledger.files.source import FolderFiles
from ledger.ledger import Ledger, open_ledger
from site_builder.errors import require_no_errors
from site_builder.look import find_configuration, list_style_files, read_style
from site_builder.make_view import view_portal
from site_builder.mkdocs.plugin import SiteBuilder
from site_builder.pages.environment import make_renderer
from site_builder.pages.portal_site import render_portal
from site_builder.view import STATES_WITHOUT_PORTAL

_HOST = "127.0.0.1"


def serve_preview(
    folder: Path | None,
    slug: str,
    choose_day: Callable[[Ledger], date],
    port: int,
    on_start: Callable[[str], None],
    on_error: Callable[[LedgerError], None],
) -> None:
    """Show the portal of a customer at ``port`` of this machine (0: a free one) until interrupted.

    ``choose_day`` returns the as-of date for the ledger in ``folder`` as it is. ``on_start`` is
    called with the address once it can be opened, ``on_error`` when an edited file makes no
    portal; then the one shown before stays.

    Raises:
        LedgerHasErrorsError: the customer's files have errors to begin with.
        LedgerError: there is no such customer, ledger or portal, or the port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="punchcard-preview-") as temporary:
        site = Path(temporary) / "site"
        watched = _build(folder, slug, choose_day, site)

        def rebuild() -> None:
            try:
                _build(folder, slug, choose_day, site)
            except LedgerError as error:
                on_error(error)

        server = _Server(site, rebuild, port, on_start)
        try:
            for path in watched:
                server.watch(str(path))
            server.serve()  # type: ignore[no-untyped-call]  # MkDocs is typed in part
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            raise LedgerError(
                f"cannot serve at port {port}: {error.strerror}", "name another"
            ) from error
        finally:
            server.shutdown()


def _build(
    folder: Path | None, slug: str, choose_day: Callable[[Ledger], date], site: Path
) -> list[Path]:
    """Build the portal into ``site``, or leave what is there; return what it is made from."""
    with open_ledger(folder, customers=[slug]) as ledger:
        configuration = find_configuration(ledger.root)
        style, as_of = read_style(configuration), choose_day(ledger)
        # Errors of this customer and of the organization count; the others are not read.
        require_no_errors(ledger, as_of)
        view = view_portal(ledger, slug, as_of)
        # The whole folder of the ledger is watched, as new files count too.
        folders = [ledger.files.folder] if isinstance(ledger.files, FolderFiles) else []
    if view.balance.portal.state in STATES_WITHOUT_PORTAL:
        raise LedgerError(f"{slug} has no portal on {as_of}", "choose another day")
    # Texts and templates may have been edited.
    make_renderer.cache_clear()
    SiteBuilder(configuration).build(render_portal(view, style), site)
    return [*folders, configuration, *list_style_files(style)]


class _Server(LiveReloadServer):
    def __init__(
        self, folder: Path, build: Callable[[], None], port: int, on_start: Callable[[str], None]
    ) -> None:
        super().__init__(build, _HOST, port, str(folder))
        self._on_start = on_start

    def server_activate(self) -> None:
        super().server_activate()
        # With port 0, the system has chosen a free port by now.
        self.url = f"http://{_HOST}:{self.server_port}/"
        self._on_start(self.url)
