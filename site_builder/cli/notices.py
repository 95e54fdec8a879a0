"""``punchcard notices``: tells people in time, by mail or in a chat program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from ledger.cli import lazy
from ledger.cli.arguments import FILE, FOLDER
from ledger.cli.main import DATA_HAS_PROBLEMS
from ledger.cli.options import OpenedLedger, address_options, as_of_option, format_option
from ledger.cli.options import open_ledger_of as open_ledger
from ledger.cli.printing import make_folder, print_json, show_progress, write_output
from ledger.errors import LedgerError
from ledger.text import count_nouns, make_printable

if TYPE_CHECKING:
    from site_builder.pages.mails import MailWriter

_HEADERS = ("customer", "to", "what", "state")
_TOLD = ".told"
_CHANNELS = ("folder", "smtp", "webhook")


class _Outcome(NamedTuple):
    """What became of a letter: ``reason`` is why it was not taken, ``is_final`` if that is all."""

    letter: lazy.letters.Letter
    state: str
    reason: str | None = None
    is_final: bool = True


@click.command("notices")
@click.option(
    "--since",
    metavar="TAG",
    help="Tell what is new since this publication.  [default: what was told last, else the "
    "publication before]",
)
@click.option("--until", metavar="TAG", help="Tell of this publication.  [default: the last]")
@click.option("--to", "folder", type=FOLDER, help="Write the mails as .eml files into a folder.")
@click.option(
    "--smtp",
    metavar="URL",
    envvar="PUNCHCARD_SMTP",
    show_envvar=True,
    help="Send them by smtp://USER@HOST:587 or smtps://USER@HOST. PUNCHCARD_SMTP_PASSWORD has the "
    "password, or PUNCHCARD_SMTP_PASSWORD_FILE names its file; in the variable PUNCHCARD_SMTP, but "
    "not on the command line, it may also stand in the address.",
)
@click.option(
    "--webhook",
    metavar="URL",
    envvar="PUNCHCARD_WEBHOOK",
    show_envvar=True,
    help="Post what the provider is to know as JSON, for chat programs: one message a customer.",
)
@click.option(
    "--from",
    "sender",
    metavar="ADDRESS",
    help="Who the mails are from.  [default: contacts.requests of provider.yml]",
)
@click.option(
    "--state",
    type=FILE,
    help="The file of what was told.  [default: .told in the folder of --to, else one in Git's "
    "own folder]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be told, and tell nobody.")
@address_options
@as_of_option
@format_option("table", "json")
def notices_command(
    folder: Path | None,
    state: Path | None,
    as_of: date | None,
    format_: str,
    *,
    dry_run: bool,
    **options: Any,
) -> int:
    """Tell customers and the provider what came, what waits and what ends, once each.

    What is new between two publications is told: low hours, cards, licences, accounts and portals
    that end in 60, 30 or 7 days, requests that wait, answers and estimates, and a weekly summary
    for accounts that asked for it. Several for one person are one mail. Whoever is no active
    account any more is told nothing. A run that was cut short goes on where it stopped; run again,
    it tells nothing twice.

    \b
    Examples:
      punchcard notices --dry-run
      punchcard notices --to notices
      punchcard notices --smtp smtp://help@mail.tools.example:587
      punchcard notices --since published/2026-11-16 --dry-run --format json
    """
    find_source = click.get_current_context().get_parameter_source
    options["folder"] = folder
    channels = [name for name in _CHANNELS if options[name]]
    # Variables say where to tell it, unless the command line does.
    named = [name for name in channels if find_source(name) is ParameterSource.COMMANDLINE]
    channels = named or channels
    if len(channels) > 1 or not (channels or dry_run):
        raise click.UsageError("say one of --to, --smtp and --webhook, or --dry-run")
    channel = channels[0] if channels else "smtp"
    with open_ledger(as_of) as opened, ExitStack() as stack:
        ledger, repository = opened.ledger, opened.ledger.require_repository("no publications")
        kept = repository.git_folder / f"punchcard-told-{channel}"
        place = state or (folder / _TOLD if folder and channel == "folder" else kept)
        hold = nullcontext(lazy.letters.Told(place)) if dry_run else lazy.letters.hold_told(place)
        told = stack.enter_context(hold)
        published = lazy.publications.read_publications(repository)
        plan = lazy.letters.Plan(published, told, options["since"], options["until"])
        letters = []
        for before in plan.steps:
            with show_progress("comparing", len(ledger.slugs)) as advance:
                step = (published, before, plan.now, opened.as_of)
                is_chat = channel == "webhook"
                found = lazy.letters.list_letters(ledger, *step, advance, is_chat=is_chat)
                letters += [each for each in found if plan.is_due(before, *each.person)]
        outcomes = [_Outcome(letter, "due") for letter in letters]
        if not dry_run:
            tell: Any = {"folder": _write, "smtp": _send, "webhook": _post}[channel]
            writer = _make_writer(opened, **options)
            outcomes.clear()
            for outcome in tell(options[channel], letters, writer):
                outcomes.append(outcome)
                if outcome.is_final:
                    told.add(plan.now.tag, *outcome.letter.person)
            if plan.steps and all(outcome.is_final for outcome in outcomes):
                told.finish(plan.now.tag)
    _show(outcomes, plan, format_)
    return DATA_HAS_PROBLEMS if any(outcome.reason for outcome in outcomes) else 0


def _make_writer(
    opened: OpenedLedger, sender: str | None, domain: str | None, layout: str, **_options: Any
) -> MailWriter:
    from site_builder.look import find_configuration, read_style
    from site_builder.pages.environment import is_address
    from site_builder.pages.mails import MailWriter

    ledger = opened.ledger
    provider = ledger.organization.provider
    if provider is None:
        raise LedgerError("the ledger has no provider.yml", "add it: it says who writes the mails")
    sender = sender or provider.contacts.requests
    if not is_address(sender) or "@" not in sender:
        raise LedgerError(f"{sender} is no address that mails can be from", "say --from ADDRESS")
    terms = ledger.organization.terms.until(opened.as_of)
    style = read_style(find_configuration(ledger.root)).fit_to_terms(terms)
    address = lazy.access_keys.find_address(ledger.organization, domain, layout)
    name = provider.brand.logo or ""
    logo = ledger.organization.brand_files.get(name, b"") if name.endswith(".png") else b""
    return MailWriter(provider, sender, style, address, logo)


def _write(
    folder: Path, letters: list[lazy.letters.Letter], writer: MailWriter
) -> Iterator[_Outcome]:
    from site_builder.pages.mails import make_key

    make_folder(folder)
    for letter in letters:
        name = f"{letter.customer or 'provider'}-{make_key(letter)[:12]}.eml"
        mail = writer.write(letter, datetime.now(UTC))
        write_output(mail.as_bytes(), folder / name)
        yield _Outcome(letter, name)


def _send(url: str, letters: list[lazy.letters.Letter], writer: MailWriter) -> Iterator[_Outcome]:
    server = lazy.delivery.find_mail_server(url, os.environ)
    mails = (writer.write(letter, datetime.now(UTC)) for letter in letters)
    if letters:
        for letter, taken in zip(letters, lazy.delivery.send_mails(mails, server), strict=True):
            state = "refused" if taken.reason else "sent"
            yield _Outcome(letter, state, taken.reason, taken.is_final)


def _post(url: str, letters: list[lazy.letters.Letter], writer: MailWriter) -> Iterator[_Outcome]:
    from site_builder.pages.mails import describe_letter

    renderer = writer.find_renderer(None)
    for letter in letters:
        lines = (f"{each.title}. {each.text}" for each in describe_letter(letter, renderer))
        said = {"text": "\n".join(lines), "publication": letter.tag, "as_of": letter.as_of}
        said |= {"customer": letter.address, "notices": letter.notices}
        lazy.delivery.post_json(url, lazy.json_values.to_json(said))
        yield _Outcome(letter, "sent")


def _show(outcomes: list[_Outcome], plan: lazy.letters.Plan, format_: str) -> None:
    from site_builder.pages.environment import DEFAULT_STYLE, make_renderer
    from site_builder.pages.mails import describe_letter

    before = next(iter(plan.steps), None)
    if format_ == "json":
        letters = [
            {**lazy.json_values.to_json(letter), "state": state, "reason": reason}
            for letter, state, reason, _is_final in outcomes
        ]
        since = before and before.tag
        print_json({"publication": plan.now.tag, "since": since, "letters": letters})
        return
    rows = [
        (each.letter.customer or "-", each.letter.address, make_printable(text.title), each.state)
        for each in outcomes
        for text in describe_letter(each.letter, make_renderer(DEFAULT_STYLE))
    ]
    if rows:
        click.echo(f"{lazy.formats.format_table(_HEADERS, rows)}\n")
    for each in outcomes:
        if each.reason:
            more = "" if each.is_final else "; run again to try once more"
            click.echo(f"warning: {each.letter.address}: {each.reason}{more}", err=True)
    what = "no letters: nothing that people are told of"
    if outcomes:
        what = f"{count_nouns(len(outcomes), 'letter')} about what"
    since_when = f" since {before.tag}" if before else ""
    click.echo(f"{what} is new in {plan.now.tag}{since_when}")
