"""The program ``punchcard``: what Git takes long for is started, then the rest is loaded."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

from ledger.cli.early_look import looking_ahead

_RARELY = 10_000


def main() -> NoReturn:
    """Run the command that the command line names, and leave with its status."""
    # To load the program makes many objects and few circles: looking for those takes a tenth of it.
    gc.set_threshold(_RARELY)
    try:
        with looking_ahead(sys.argv[1:]):
            from ledger.cli.exit_policy import run_and_exit
            from site_builder.commands import punchcard

            run_and_exit(punchcard)
    except KeyboardInterrupt:  # While the program was loaded, or Git was asked ahead.
        from ledger.cli.exit_policy import ignore_interrupts, show_interruption

        ignore_interrupts()
        sys.exit(show_interruption())
    finally:
        gc.freeze()  # What is left goes with the process: it need not be looked through once more.


def run(arguments: Sequence[str]) -> int:
    """Run the command line with ``arguments`` in this process and return its exit status."""
    from ledger.cli.exit_policy import run_command
    from site_builder.commands import punchcard

    return run_command(punchcard, arguments)
