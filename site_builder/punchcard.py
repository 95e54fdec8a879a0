"""The program ``punchcard``: the ledger's commands and the portals'."""

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

try:
    from ledger.cli.main import LazyCommand, punchcard, run_and_exit, run_command
except KeyboardInterrupt:  # Ctrl-C while the program is on its way in.
    sys.exit(130)

for _name, _text in (
    ("portal", "Build customers' portals."),
    ("intake", "Take the forms of the portals."),
    ("notices", "Tell people in time what came, waits and ends."),
):
    _attribute = "notices_command" if _name == "notices" else _name
    punchcard.add_command(LazyCommand(_name, f"site_builder.cli.{_name}:{_attribute}", _text))


def main() -> NoReturn:
    """Run the command that the command line names, and leave with its status."""
    gc.set_threshold(20_000)  # Records make many objects and few cycles: 5 % of a check.
    run_and_exit(punchcard)


def run(arguments: Sequence[str]) -> int:
    """Run the command line with ``arguments`` in this process and return its exit status."""
    return run_command(punchcard, arguments)
