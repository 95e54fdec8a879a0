"""Builds the provider's internal overview into a folder of its own: all of it, or nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ledger.errors import LedgerError
from ledger.loader import Ledger
from site_builder.errors import require_no_errors
from site_builder.look import find_configuration, read_style
from site_builder.mkdocs.builder import SiteBuilder
from site_builder.output import (
    MANIFEST_NAME,
    explaining_write_errors,
    lock_output,
    stage_folder,
    swap_in,
)
from site_builder.overview_folder import OVERVIEW_NAME, write_mark
from site_builder.pages.internal_site import render_internal_site
from site_builder.provider_overview import make_provider_overview
from site_builder.security_policy import find_policy


def build_overview(
    ledger: Ledger, output: Path, as_of: date, configuration: Path | None = None
) -> Path:
    """Build the overview into ``output``, or leave that as it was; return the first page.

    Args:
        ledger: all of it.
        output: a folder that is missing, empty, or holds an overview; never one of portals.
        as_of: the day whose evening is shown.
        configuration: the ``mkdocs.yml`` to use, if not the work tree's or our own.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        LedgerError: the folder is somebody else's, or has to do with portals.
    """
    output = output.resolve()
    require_no_errors(ledger, as_of)
    look = configuration or find_configuration(ledger.root)
    with lock_output(output):
        _refuse_other_folders(output)
        site = render_internal_site(make_provider_overview(ledger, as_of), read_style(look))
        with explaining_write_errors(output), stage_folder(output) as staged:
            # MkDocs empties the folder it builds into; the mark is written afterwards.
            SiteBuilder(look).build(site, staged)
            write_mark(staged, as_of.isoformat(), ledger.revision, find_policy(staged))
            swap_in(staged, output)
    return output / "index.html"


def _refuse_other_folders(output: Path) -> None:
    for folder in (output, *output.parents):
        if (folder / MANIFEST_NAME).exists():
            raise _keep_apart(output, folder)
    if not output.exists():
        return
    if not output.is_dir():
        raise LedgerError(f"{output} is not a folder", "choose another with --output")
    for manifest in output.glob(f"*/{MANIFEST_NAME}"):
        raise _keep_apart(output, manifest.parent)
    if any(output.iterdir()) and not (output / OVERVIEW_NAME).is_file():
        raise LedgerError(
            f"{output} is neither empty nor an overview, so it is left as it is",
            "choose another folder with --output",
        )


def _keep_apart(output: Path, folder: Path) -> LedgerError:
    where = "there" if folder == output else "near it"
    return LedgerError(
        f"{folder} holds customers' portals, so the internal overview is not put {where}",
        "choose another folder with --output",
    )
