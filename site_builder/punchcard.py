"""The program ``punchcard``."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import NoReturn

from ledger.cli.main import run_and_exit, run_command
from site_builder.commands import punchcard


def main() -> NoReturn:
    """Run the command that the command line names, and leave with its status."""
    try:
        run_and_exit(punchcard)
    finally:
        gc.freeze()  # The process ends: what is left need not be looked through once more.


def run(arguments: Sequence[str]) -> int:
    """Run the command line with ``arguments`` in this process and return its exit status."""
    return run_command(punchcard, arguments)
