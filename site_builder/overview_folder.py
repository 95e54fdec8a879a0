"""The mark of a folder with the provider's internal overview, where no portal is ever put."""

from __future__ import annotations

from pathlib import Path

from ledger.errors import LedgerError

OVERVIEW_NAME = "punchcard-overview.json"


def refuse_overview(output: Path) -> None:
    """Raise ``LedgerError`` for a folder that is, holds, or lies in an internal overview."""
    above = [folder for folder in (output, *output.parents) if (folder / OVERVIEW_NAME).exists()]
    for folder in (*above, *(mark.parent for mark in output.glob(f"*/{OVERVIEW_NAME}"))):
        where = "there" if folder == output else "near it"
        raise LedgerError(
            f"{folder} holds the internal overview of all customers, so no portal is put {where}",
            "choose another folder with --output",
        )
