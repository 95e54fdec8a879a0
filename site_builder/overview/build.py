"""Builds the provider's internal overview into a folder of its own: all of it, or nothing.

The overview and the customers' portals are kept apart: neither is ever written into, above or below
a folder of the other, so that no copy to a web server takes both along.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from site_builder import output as folders
from site_builder.errors import require_no_errors
from site_builder.look import find_configuration, read_style
from site_builder.mkdocs.builder import SiteBuilder
from site_builder.overview.pages import make_provider_overview, render_internal_site
from site_builder.security_policy import find_policy


def build_overview(
    ledger: Ledger, output: Path, as_of: date, configuration: Path | None = None
) -> Path:
    """Build the overview into ``output``, or leave that as it was; return the first page.

    ``output`` is missing, empty, or holds an overview; it is never a folder of portals.
    ``configuration`` is the ``mkdocs.yml`` to use, if not the work tree's or our own.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        LedgerError: the folder is somebody else's, or has to do with portals.
    """
    output = output.resolve()
    require_no_errors(ledger, as_of)
    look = configuration or find_configuration(ledger.root)
    with folders.lock_output(output):
        _refuse_other_folders(output)
        site = render_internal_site(make_provider_overview(ledger, as_of), read_style(look))
        with folders.explaining_write_errors(output), folders.stage_folder(output) as staged:
            SiteBuilder(look).build(site, staged)
            # MkDocs empties the folder it builds into: the mark is written afterwards.
            mark = {
                "format": 1,
                "internal": True,
                "as_of": as_of.isoformat(),
                "revision": ledger.revision,
                "content_security_policy": find_policy(staged),
            }
            text = json.dumps(mark, indent=2) + "\n"
            (staged / folders.OVERVIEW_NAME).write_text(text, encoding="utf-8")
            folders.swap_in(staged, output)
    return output / "index.html"


def _refuse_other_folders(output: Path) -> None:
    name, hint = folders.MANIFEST_NAME, "choose another folder with --output"
    above = [folder for folder in (output, *output.parents) if (folder / name).exists()]
    if not above and output.exists() and not output.is_dir():
        raise LedgerError(f"{output} is not a folder", "choose another with --output")
    for folder in (*above, *(manifest.parent for manifest in output.glob(f"*/{name}"))):
        holds = "holds customers' portals, so the internal overview is not put"
        where = "there" if folder == output else "near it"
        raise LedgerError(f"{folder} {holds} {where}", hint)
    if output.exists() and any(output.iterdir()) and not (output / folders.OVERVIEW_NAME).is_file():
        raise LedgerError(
            f"{output} is neither empty nor an overview, so it is left as it is", hint
        )
