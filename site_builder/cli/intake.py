"""``punchcard intake``: ``serve`` takes the portal's forms, ``work`` puts them on record."""

from __future__ import annotations

import os
import socket as sockets
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import FILE, FOLDER, PATH
from ledger.cli.incoming import describe_received
from ledger.cli.main import COULD_NOT_WORK, DATA_HAS_PROBLEMS, CommandGroup, show_error
from ledger.cli.options import Writing, address_options, as_of_option, open_ledger_of
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from email.message import EmailMessage

    from site_builder.intake.receipts import Receipts

_SECONDS_BETWEEN, _LONGEST_BETWEEN = 2.0, 60.0
_LISTEN = "127.0.0.1:8084"

_spool_option = click.option(
    "--spool",
    "folder",
    type=FOLDER,
    required=True,
    help="The folder of forms that are not on record yet; made if it is not there.",
)


@click.group("intake", cls=CommandGroup)
def intake() -> None:
    """Take what customers send with the forms of their portals.

    \b
    Examples:
      punchcard intake serve --spool /var/lib/punchcard/spool --socket /run/punchcard/intake.sock
      punchcard intake work --spool /var/lib/punchcard/spool --push
    """


@intake.command("serve", short_help="Take forms into a folder.")
@_spool_option
@click.option(
    "--socket",
    type=FILE,
    metavar="PATH",
    help="Listen on a Unix socket, which this user and its group may open.",
)
@click.option(
    "--listen",
    metavar="127.0.0.1:PORT",
    help=f"Listen on a port, which everybody on this machine may open.  [default: {_LISTEN}]",
)
def serve_command(folder: Path, socket: Path | None, listen: str | None) -> None:
    """Take forms, behind the web server that `punchcard portal access --intake` sets up.

    A form is answered when it is safe in the folder; `punchcard intake work` puts it on record. The
    web server says who has signed in, so nobody else may reach the socket.

    \b
    Examples:
      punchcard intake serve --spool spool --socket /run/punchcard/intake.sock
      punchcard intake serve --spool spool --listen 127.0.0.1:8084
    """
    try:
        import waitress

        from site_builder.intake.service import MAX_FORM_BYTES, Desk, IntakeService
    except ModuleNotFoundError as error:
        hint = "python -P -m pip install 'service-punchcards[intake]'"
        raise LedgerError(f"taking forms needs {error.name}", hint) from error
    if socket is not None and listen is not None:
        raise click.UsageError("name --socket or --listen")
    if socket is not None and not hasattr(sockets, "AF_UNIX"):
        hint = f"say --listen {_LISTEN}"
        raise LedgerError("a socket takes Linux, macOS or another POSIX", hint)
    where: dict[str, Any] = {"unix_socket": str(socket), "unix_socket_perms": "660"}
    if socket is None:
        where = {"listen": _require_loopback(listen or _LISTEN)}
    asker = _Asker()
    desk = Desk(asker.find_next_id, asker.find_wording, asker.have_colour)
    app = IntakeService(lazy.mailboxes.Spool(folder), desk).make_application()
    click.echo(f"taking forms at {socket or where['listen']}", err=True)
    try:
        waitress.serve(
            app, **where, ident="", max_request_body_size=2 * MAX_FORM_BYTES, _quiet=True
        )
    except OSError as error:
        raise LedgerError(f"cannot listen there: {error}", "choose another place") from error


def _require_loopback(text: str) -> str:
    host, _colon, port = text.rpartition(":")
    if host not in {"127.0.0.1", "[::1]"} or not port.isdecimal():
        raise LedgerError(f"{text!r} is not on this machine", f"write it like {_LISTEN}")
    return text


class _Asker:
    """Asks the ledger about a customer, from one thread at a time."""

    def __init__(self) -> None:
        from site_builder.look import find_configuration, read_style

        self._folder, self._lock = options.find_named_folder(), Lock()
        with open_ledger_of(None) as opened:
            self._style = read_style(find_configuration(opened.ledger.root))
            provider = opened.ledger.organization.provider
            self.have_colour = provider is not None and provider.brand.colour is not None

    def find_next_id(self, slug: str) -> str | None:
        """Return the id that the customer's next request gets; None if nobody knows just now."""
        opening = lazy.ledger.open_ledger(self._folder, None, (slug,))
        # A form is taken all the same, and looked at by the worker.
        with suppress(LedgerError), self._lock, opening as ledger:
            today = options.find_today(ledger)
            return lazy.requests.draw_id(lazy.draft.WritingDesk((ledger,), slug, today, today))
        return None

    def find_wording(self, slug: str) -> lazy.wording.Wording:
        """Return the texts of the language that the customer reads."""
        from site_builder.pages.environment import make_renderer

        style, opening = self._style, lazy.ledger.open_ledger(self._folder, None, (slug,))
        with suppress(LedgerError), self._lock, opening as ledger:
            style = style.fit_to_reader(ledger.read_customer(slug).records.customer.language)
        return make_renderer(style).wording


@intake.command("work", short_help="Put forms on record.")
@_spool_option
@click.option(
    "--branch",
    default="intake",
    show_default=True,
    metavar="NAME",
    help="Commit to this branch, which is kept up to date with the main one.",
)
@click.option("--commit", "is_head", is_flag=True, help="Commit to what is checked out instead.")
@click.option("--push", "is_pushed", is_flag=True, help="Push the commits, if there is a remote.")
@click.option(
    "--publish",
    "published",
    type=PATH,
    metavar="DIR",
    help="Publish the portals of the customers who sent something into this folder, at once.",
)
@click.option(
    "--smtp",
    metavar="URL",
    envvar="PUNCHCARD_SMTP",
    show_envvar=True,
    help="Send receipts by smtp://USER@HOST:PORT or smtps://…; PUNCHCARD_SMTP_PASSWORD, or the "
    "file that PUNCHCARD_SMTP_PASSWORD_FILE names, has the password.",
)
@address_options
@click.option("--once", is_flag=True, help="Leave when nothing waits any more.")
@as_of_option
def work_command(
    folder: Path,
    branch: str,
    is_head: bool,
    is_pushed: bool,
    published: Path | None,
    once: bool,
    as_of: date | None,
    **mailing: Any,
) -> int:
    """Put the forms of a folder on record: one commit each, however often this is stopped.

    A form is removed from the folder when its commit is made, and pushed if that is wanted. What is
    refused goes to `quarantine` in the folder, with its reason. What cannot be recorded just now,
    as where the customer's files have errors, waits until it can. Several may work on one folder.
    With a mail server each person gets a receipt with the number; a mail that fails is tried again.

    \b
    Examples:
      punchcard intake work --spool spool --once
      punchcard intake work --spool spool --push --publish /srv/portals
      punchcard intake work --spool spool --commit --once
      punchcard intake work --spool spool --smtp smtp://help@mail.tools.example
    """
    writing = Writing(None, as_of, is_head, None if is_head else branch, "text")
    spool = lazy.mailboxes.Spool(folder, owes_receipts=mailing["smtp"] is not None)
    how = (writing.branch, is_pushed, writing.writer.find_today)
    worker = lazy.worker.IntakeWorker(spool, options.find_named_folder(), *how)
    receipts, mails_at = _make_receipts(spool, writing, **mailing), 0.0
    has_refused, said, pause = False, set[lazy.receive.Received](), _SECONDS_BETWEEN
    while True:
        received, is_stuck = list[lazy.receive.Received](), False
        try:
            received = worker.run()
        except LedgerError as error:
            is_stuck = True
            show_error(error)
        done = [each for each in received if each.outcome != "postponed"]
        for each in received:
            if each not in said:
                click.echo(describe_received(each))
        said.update(each for each in received if each not in done)
        recorded = (each for each in done if each.outcome != "refused")
        slugs = {each.customer for each in recorded if each.customer}
        if published is not None and slugs:
            _publish(slugs, published, "HEAD" if is_head else f"refs/heads/{branch}", as_of)
        has_refused |= any(each.outcome == "refused" for each in done)
        has_failed = is_stuck or bool(worker.tries)
        if receipts is not None and not worker.has_untried() and time.monotonic() >= mails_at:
            has_failed |= not _send(receipts)
            mails_at = time.monotonic() + _LONGEST_BETWEEN * bool(receipts.list_owed())
        if once and (is_stuck or not worker.has_untried()):
            return COULD_NOT_WORK if has_failed else DATA_HAS_PROBLEMS * has_refused
        if not done:
            time.sleep(pause)
        pause = min(2 * pause, _LONGEST_BETWEEN) if has_failed else _SECONDS_BETWEEN


def _make_receipts(
    spool: lazy.mailboxes.Spool, writing: Writing, smtp: str | None, **where: Any
) -> Receipts | None:
    from site_builder.intake.receipts import Receipts, compose_receipt, find_reply_address

    if smtp is None:
        return None
    with open_ledger_of(None) as opened:
        find_reply_address(opened.ledger)
    address = where["domain"] and lazy.access_keys.make_address(**where)
    find_wording = _Asker().find_wording

    def compose(facts: Mapping[str, Any]) -> EmailMessage | None:
        slug = facts["customer"]
        link = address.find_link(slug) if address else ""
        with writing.open((slug,)) as opened:
            words, now = find_wording(slug), datetime.now(UTC)
            return compose_receipt(facts, opened.ledger, words, link, now)

    return Receipts(spool, lazy.delivery.find_mail_server(smtp, os.environ), compose)


def _send(receipts: Receipts) -> bool:
    """Send the receipts that are owed, and say what went wrong; False: some are owed still."""
    try:
        for said in receipts.send():
            click.echo(said, err=True)
    except LedgerError as error:
        show_error(error)
    return not receipts.list_owed()


def _publish(slugs: Collection[str], folder: Path, rev: str, as_of: date | None) -> None:
    """Publish the portals of some customers; what fails is said, and comes next week."""
    from site_builder.publish.folder import PublicationFolder
    from site_builder.publish.publish import Publication

    try:
        with open_ledger_of(as_of, rev) as opened:
            report = Publication(
                *(opened.ledger, PublicationFolder(folder), opened.as_of),
                is_recorded=False,
                only=frozenset(slugs),
            ).run()
    except LedgerError as error:
        show_error(error)
        return
    for each in report.customers:
        if each.slug in slugs:
            click.echo(f"portal of {each.slug}: {each.effect.words}")
