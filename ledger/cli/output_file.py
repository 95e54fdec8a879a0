"""Where a command's output goes: to standard output, or to a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ledger.errors import LedgerError


def require_no_terminal(output: Path | None) -> None:
    """Refuse to write what is no text to a terminal.

    Raises:
        LedgerError: no file is named, and standard output is a terminal.
    """
    if output is None and sys.stdout.isatty():
        raise LedgerError(
            "a PDF is not written to a terminal", "name a file with --output, or redirect it"
        )


def write_output(content: str | bytes, output: Path | None) -> None:
    """Write text or bytes to a file, or else to standard output.

    Raises:
        LedgerError: the file cannot be written.
    """
    if output is None:
        click.echo(content, nl=False)
        return
    encoded = content.encode("utf-8") if isinstance(content, str) else content
    try:
        output.write_bytes(encoded)
    except OSError as error:
        raise LedgerError(f"cannot write {output}: {error.strerror}") from error
