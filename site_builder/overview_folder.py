"""The mark of a folder that holds the provider's internal overview.

It keeps the overview and the customers' portals apart: neither is ever written into, above or
below a folder of the other, so that no copy to a web server takes both along.
"""

from __future__ import annotations

import json
from pathlib import Path

from ledger.errors import LedgerError

OVERVIEW_NAME = "punchcard-overview.json"

_FORMAT = 1


def refuse_overview(output: Path) -> None:
    """Refuse a folder for portals that is, holds, or lies in an internal overview.

    Raises:
        LedgerError: it does.
    """
    for folder in (output, *output.parents):
        if (folder / OVERVIEW_NAME).exists():
            raise _keep_apart(output, folder)
    for mark in output.glob(f"*/{OVERVIEW_NAME}"):
        raise _keep_apart(output, mark.parent)


def write_mark(folder: Path, as_of: str, revision: str | None, policy: str) -> None:
    """Mark a folder as one with an overview, and say what a web server is to send with it."""
    mark = {
        "format": _FORMAT,
        "internal": True,
        "as_of": as_of,
        "revision": revision,
        "content_security_policy": policy,
    }
    (folder / OVERVIEW_NAME).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")


def _keep_apart(output: Path, folder: Path) -> LedgerError:
    what = "the internal overview of all customers"
    return LedgerError(
        f"{folder} holds {what}, so no portal is put {'there' if folder == output else 'near it'}",
        "choose another folder with --output",
    )
