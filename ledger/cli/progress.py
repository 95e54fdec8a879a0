"""A progress bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_SHORT_WORK = 20


@contextmanager
def show_progress(label: str, steps: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error while the context lasts; call what it gives after each step."""
    if steps < _SHORT_WORK or not sys.stderr.isatty():
        yield _show_nothing
        return
    with click.progressbar(length=steps, label=label, file=sys.stderr) as bar:
        yield lambda _name: bar.update(1)


def _show_nothing(_name: str) -> None:
    pass
