"""``punchcard portal serve``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NoReturn

import click

from ledger.cli.main import show_error
from ledger.cli.options import as_of_option, find_today
from ledger.errors import LedgerError
from site_builder.cli.shown_problems import show_errors, showing_problems
from site_builder.errors import LedgerHasErrorsError

DEFAULT_PORT = 8000


@click.command("serve")
@click.argument("customer")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port on this machine; 0 takes one that is free.",
)
@as_of_option
@click.pass_context
def serve_command(context: click.Context, customer: str, port: int, as_of: date | None) -> None:
    """Preview a customer's portal in the browser; it follows the ledger's files.

    Only this machine can see it. A mistake in a file is said here, and the page stays as it was
    until the file is mended. Ctrl-C ends it.

    \b
    Examples:
      punchcard portal serve acme
      punchcard portal serve acme --port 8123 --as-of 2026-11-20
    """
    from site_builder.mkdocs.preview import LivePreview

    folder: Path | None = context.find_root().params.get("ledger")
    preview = LivePreview(folder, customer, lambda ledger: as_of or find_today(ledger))
    with showing_problems(), _ending_on_signals():
        preview.serve(port, _say_where, _say_what_is_wrong)
    click.echo("stopped")


def _say_where(address: str) -> None:
    click.echo(f"open {address}  (Ctrl-C ends it)")


def _say_what_is_wrong(error: LedgerError) -> None:
    if isinstance(error, LedgerHasErrorsError):
        show_errors(error)
    show_error(error)


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Let Ctrl-C and a request to end be the ordinary end that they are here."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
