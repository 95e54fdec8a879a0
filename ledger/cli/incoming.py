"""``punchcard request receive`` and ``triage``: what comes in, and what is made of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import CHANNELS, DURATION
from ledger.cli.main import COULD_NOT_WORK
from ledger.cli.options import Writing
from ledger.cli.printing import ask, is_terminal, print_answer, print_json, print_rows
from ledger.cli.requests import describe_request
from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.text import make_printable

_PASSWORD = "PUNCHCARD_IMAP_PASSWORD"  # noqa: S105  # the variable's name
_COLUMNS = ("outcome", "customer", "request", "message_id", "reason", "file")


def _print_schema(context: click.Context, _option: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        print_json(lazy.receive.JsonMessage.model_json_schema())
        context.exit()


@click.command("receive")
@click.argument("files", nargs=-1, type=click.File("rb"), metavar="[FILE]...")
@click.option(
    "--maildir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Take what nobody has seen in a Maildir, and mark it as seen.",
)
@click.option(
    "--mbox",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take the mails of an mbox file.",
)
@click.option(
    "--imap",
    metavar="URL",
    help=f"Take what nobody has seen in imaps://USER@HOST/FOLDER; {_PASSWORD} has the password.",
)
@click.option(
    "--server",
    metavar="NAME",
    envvar="PUNCHCARD_MAIL_SERVER",
    show_envvar=True,
    help="Our mail server, as it names itself in Authentication-Results: its checks have to pass.",
)
@click.option(
    "--json",
    "json_files",
    type=click.File("rb"),
    multiple=True,
    metavar="FILE",
    help="Take a message as JSON, from a program that knows who sent it; - is standard input.",
)
@click.option(
    "--json-schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of such a message.",
)
@click.option("--quarantine", is_flag=True, help="List what was refused, and why.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each, and write nothing.")
@click.option("--commit", "is_committed", is_flag=True, help="Make one commit for each message.")
@click.option("--branch", metavar="NAME", help="Commit to this branch, and leave the work tree.")
@options.as_of_option
@options.format_option("text", "json")
@options.gather_options("writing", Writing)
def receive_command(
    files: tuple[Any, ...], server: str | None, quarantine: bool, writing: Writing, **mailboxes: Any
) -> int:
    """Record mails from customers, each once: as a new request, or as the answer to one.

    The sender must be an active account of exactly one customer. A reply, or a subject with
    [ACME-13], becomes an event of that request, and what was resolved or waited for the customer is
    in progress again. The subject `Notices: none` (or all, or important) changes what the sender is
    told by mail. What is not taken goes to quarantine with its reason; nothing is lost, and
    doing it again takes nothing twice. What cannot be recorded just now, as where the customer's
    files have errors, stays where it is until the next time (exit status 2). A FILE of - is
    standard input.

    \b
    Examples:
      punchcard request receive mail.eml --commit
      punchcard request receive --maildir ~/Maildir --server mx.tools.example --branch intake
      punchcard request receive --imap imaps://help@mail.tools.example --server mx.tools.example
      punchcard request receive --json message.json --commit
      punchcard request receive --json-schema
      punchcard request receive --quarantine
    """
    json_files = mailboxes.pop("json_files")
    branch, format_ = writing.branch, writing.format_
    with options.open_ledger_of(writing.as_of) as opened:
        # In Git's own folder if no other is named: never in the ledger.
        named = os.environ.get("PUNCHCARD_QUARANTINE") or (
            opened.ledger.require_repository("no quarantine").git_folder / "punchcard-quarantine"
        )
        kept = lazy.mailboxes.Quarantine(Path(named))
        if quarantine:
            rows = list(kept.list_kept())
            lines = [make_printable(f"{row['file']}: {row['reason']}") for row in rows]
            print_rows(format_, rows, _COLUMNS, lambda: "\n".join(lines))
            return 0
    if any(mailboxes.values()) and server is None:
        raise click.UsageError("say with --server which mail server checks who sent a mail")
    received = []
    for read, source, mark_done in _read_messages(files, json_files, server, **mailboxes):
        # Opened anew for each: the message before may have changed it.
        with writing.open(()) as opened:
            if branch is not None and not writing.dry_run:
                repository = opened.ledger.require_repository("no branches")
                lazy.worker.CommitLine(repository, branch, is_pushed=False).update(())
        with writing.open(()) as opened:
            inbox = lazy.receive.Inbox(*opened, writing.writer.write)
            outcome = inbox.receive(source, read)
        if not writing.dry_run:
            if outcome.outcome == "refused":
                kept.keep(source, outcome)
            if outcome.outcome != "postponed":
                mark_done()
        received.append(outcome)
        if format_ == "text":
            click.echo(describe_received(outcome))
    if format_ == "json":
        print_json(received)
    outcomes = {each.outcome for each in received}
    return COULD_NOT_WORK if "postponed" in outcomes else int("refused" in outcomes)


def _read_messages(
    files: tuple[Any, ...], json_files: tuple[Any, ...], server: str | None, **mailboxes: Any
) -> Iterator[tuple[Callable[[bytes], lazy.mail.CustomerMessage], bytes, Callable[[], None]]]:
    """Yield what reads each message, the message, and what is called once it is recorded."""
    read_mail = partial(lazy.mail.read_request_mail, server=server)
    for file in files:
        yield read_mail, file.read(), lambda: None
    readers: dict[str, Callable[[Any], Iterator[lazy.mailboxes.Mail]]]
    read_mailbox = lazy.mailboxes.read_mailbox
    readers = {"maildir": read_mailbox, "mbox": read_mailbox, "imap": _read_imap}
    for name, read in readers.items():
        if mailboxes[name] is not None:
            yield from ((read_mail, *mail) for mail in read(mailboxes[name]))
    for file in json_files:
        source = file.read(lazy.receive.MAX_JSON_BYTES + 1)
        yield lazy.receive.read_json_message, source, lambda: None


def _read_imap(url: str) -> Iterator[lazy.mailboxes.Mail]:
    if not (password := os.environ.get(_PASSWORD)):
        raise LedgerError("the mailbox's password is not known", f"set {_PASSWORD}")
    yield from lazy.mailboxes.read_imap(url, password)


def describe_received(received: lazy.receive.Received) -> str:
    """Return what became of a message, as people read it."""
    said = {
        "opened": f"{received.request} opened for {received.customer}",
        "answered": f"{received.request} answered",
        "known": f"{received.request or received.customer} has it already",
        "changed": f"the sender, at {received.customer}, wants other notices",
        "refused": f"refused: {received.reason}",
        "postponed": f"not taken yet: {received.reason}",
    }[received.outcome]
    remarks = "".join(f"\n  note: {remark}" for remark in received.remarks)
    return make_printable(f"{received.message_id}: {said}") + remarks


@click.command("triage")
@options.customers_argument
@options.person_option(help="A consultant.  [default: the Git author]")
@options.writing_options
def triage_command(customers: tuple[str, ...], by: str | None, writing: Writing) -> int:
    """Walk through the requests that have no category, or no answer yet, of some customers or all.

    Of each it shows what is asked, the licences and the balance, and asks whether it is support or
    punchcard work, and for ticket, category, estimate and answer. What you decide on a request is
    one event. Enter skips; Ctrl-C ends, and what is decided stays. Without a terminal use
    request list --new, request update and request move.

    \b
    Examples:
      punchcard request triage
      punchcard request triage acme --commit
    """
    summarize = lazy.request_summary.summarize_requests
    with writing.open(customers) as opened:
        terms, as_of = opened.ledger.organization.terms, writing.choose_day(opened.as_of)
        found = [
            (folder.records, summary)
            for folder in opened.ledger.read_customers(customers)
            for summary in summarize(folder.records, terms, as_of)
            if summary.missing
        ]
    if not found:
        print_answer(writing.format_, {"nothing_to_write": "nothing is new"}, "nothing is new")
        return 0
    if writing.format_ == "json" or not is_terminal():
        names = ", ".join(summary.id for _records, summary in found)
        raise click.UsageError(
            f"triage asks on a terminal; {names}: see punchcard request list --new, decide with "
            "punchcard request update or move",
            click.get_current_context(),
        )
    for number, (records, summary) in enumerate(found, start=1):
        click.echo(f"\n{number} of {len(found)}, without {' and '.join(summary.missing)}")
        click.echo("\n".join(describe_request(summary)))
        left = lazy.summary.compute_balance(records, terms, as_of).balance_minutes
        licences = [
            f"{each.product} ({each.type}{f' until {each.until}' if each.until else ''})"
            for each in records.customer.licences
        ]
        who = f"{records.customer.name}: {format_minutes(left)} left"
        click.echo(f"{who}, licences: {', '.join(licences) or '-'}")
        if decided := _ask(summary, terms.uses_on(as_of).charged):
            fields = {"request": summary.id, "by": by, **decided}
            writing.write(summary.customer, lazy.requests.draft_event, **fields)
    return 0


def _ask(summary: lazy.request_summary.RequestSummary, categories: Sequence[str]) -> dict[str, Any]:
    """Return the fields of the event that was decided on; none if the request is skipped."""
    channel = ask("Punchcard or support", click.Choice((*CHANNELS, "p", "s")))
    if not channel:
        return {}
    if CHANNELS[1].startswith(channel):
        ticket = ask("Its number in the support system")
        return {"moved_to": CHANNELS[1], "ticket": ticket, "note": ask("Answer")}
    category = None
    if summary.category is None:
        click.echo(f"  {', '.join(categories)}")
        category = ask("Category", click.Choice(categories))
    estimate = ask("Estimate (45m, 3h)", DURATION) or None
    given = {"category": category, "estimate_minutes": estimate, "note": ask("Answer")}
    return given if any(given.values()) else {}
