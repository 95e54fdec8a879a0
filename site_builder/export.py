"""A portal written out as an ordinary MkDocs project: all of it, or nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ledger.errors import LedgerError
from ledger.loader import Ledger
from site_builder.configuration import find_configuration
from site_builder.ledger_views import STATES_WITHOUT_PORTAL, require_no_errors, view_portal
from site_builder.look import read_style
from site_builder.mkdocs_site.project import write_project
from site_builder.output_folder import stage_folder, swap_in
from site_builder.pages.portal_site import render_portal


def export_portal(
    ledger: Ledger,
    slug: str,
    folder: Path,
    as_of: date,
    configuration: Path | None = None,
) -> None:
    """Write the portal of the customer ``slug`` into ``folder`` as a MkDocs project.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        LedgerError: the customer has no portal, or the folder holds something already.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LedgerError(f"{folder} is not empty, so it is left as it is", "name another folder")
    view = view_portal(ledger, slug, as_of)
    require_no_errors(ledger, as_of)
    state = view.balance.portal_state
    if state in STATES_WITHOUT_PORTAL:
        reason = "it is closed" if state == "closed" else "there is no purchase and no service"
        raise LedgerError(f"{slug} has no portal on {as_of}: {reason}")
    with stage_folder(folder) as staged:
        look = configuration or find_configuration(ledger.root)
        write_project(render_portal(view, read_style(look)), staged, look)
        swap_in(staged, folder)
