"""``punchcard log``, ``correct``, ``buy``, ``refund`` and ``goodwill``: time and sales."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import DURATION, MONEY, complete
from ledger.cli.main import COULD_NOT_WORK
from ledger.cli.options import Writing
from ledger.cli.printing import is_terminal, showing_refusal
from ledger.duration import ROUNDINGS
from ledger.errors import LedgerError, UnknownNameError
from ledger.text import make_printable, suggest_name

_WORDS = {"customer": "CUSTOMER", "request": "REQUEST", "minutes": "DURATION", "note": "-m NOTE"}
_TEMPLATE = (
    "\n\n# Write above what was done; the customer reads it. From this line on nothing is kept."
)


class DurationCommand(click.Command):
    """A command that takes a duration; a negative one is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; a UsageError says how to write what looks like ``-15m``."""
        given = [*args]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            negative = next((each for each in given if re.fullmatch(r"-[0-9.]\S*", each)), None)
            if negative is None or not negative.startswith(error.option_name):
                raise
            hint = f"write {negative[1:]}; punchcard correct takes time back"
            raise click.UsageError(f"{negative!r} is not a duration; {hint}", ctx) from error


@click.command("log", cls=DurationCommand)
@click.argument("customer", required=False, shell_complete=complete)
@click.argument("request", required=False, shell_complete=complete)
@click.argument("duration", required=False)
@click.argument("text", required=False, metavar="[NOTE]")
@click.option(
    "--repeat",
    "entry",
    metavar="ENTRY",
    shell_complete=complete,
    help="Log what an earlier entry says once more; what is given besides is said instead.",
)
@options.note_option
@options.internal_note_option
@options.category_option(
    help="What the time is charged as: a category of the terms.  [default: the request's]"
)
@options.consultant_option("Whose time it is.")
@click.option(
    "--round",
    "rounding",
    type=click.Choice(ROUNDINGS),
    help="Round to the step of the terms; the note keeps the true duration.",
)
@options.writing_options
def log_command(
    customer: str | None,
    request: str | None,
    duration: str | None,
    text: str | None,
    entry: str | None,
    note: str | None,
    writing: Writing,
    **fields: Any,
) -> int:
    """Log time on a request.

    CUSTOMER may be left out before a whole REQUEST such as ACME-14, and is left out with --repeat,
    as REQUEST is. DURATION is written like 45m, 1h, 1h15, 1:15, 1.25h or 75 (minutes). What is
    missing is asked for on a terminal, and only there; for the note $EDITOR opens, if it is set.

    \b
    Examples:
      punchcard log acme ACME-14 45m -m "Sketched the export with the release manager."
      punchcard log ACME-14 1h15 "Reviewed the export." -d yesterday
      punchcard log --repeat 13-1 30m
      punchcard log acme 14 1h15m -m "Built the first draft of the export." --as ben --commit
      punchcard log acme ACME-14 20m -m "Answered two questions." --round up --date 2026-11-19
    """
    words = [each for each in (customer, request, duration, text) if each is not None]
    if entry is not None:
        words = _repeat(writing, entry, words, note, fields)
    elif words and lazy.layout.is_request_id(words[0].upper()):
        with writing.open(()) as opened:
            found = lazy.entry_search.find_customer(opened.ledger, words[0])
        words = [*filter(None, [found]), *words]
    if len(words) > len(_WORDS) - (note is not None):
        raise click.UsageError("these are more words than customer, request, duration and note")
    given: dict[str, Any] = dict.fromkeys(_WORDS) | dict(zip(_WORDS, words, strict=False))
    given["minutes"] = DURATION.convert(given["minutes"], None, click.get_current_context())
    fields |= given if note is None else given | {"note": note}
    ask_missing(writing, fields)
    return writing.write(fields.pop("customer"), lazy.time_entries.draft_entry, **fields)


def _repeat(
    writing: Writing, entry: str, words: list[str], note: str | None, fields: dict[str, Any]
) -> list[str]:
    """Return the words of an earlier entry; a duration and a note come from ``words``, if there."""
    with writing.open(()) as opened:
        handle = options.find_handle(opened, fields["consultant"])
        found = lazy.entry_search.search_entry(opened.ledger, entry, handle)
    if found.entry.is_correction:
        raise LedgerError(f"{found.name} is a correction", "repeat the entry itself")
    for key in ("category", "internal_note"):
        fields[key] = fields[key] or getattr(found.entry, key)
    said = [f"{found.entry.minutes}m", found.entry.note][: 1 if note else 2]
    return [found.slug, found.entry.request, *words, *said[len(words) :]]


@click.command("correct", cls=DurationCommand)
@options.customer_argument
@click.argument("entry", shell_complete=complete)
@click.argument("duration", type=DURATION)
@click.option("-m", "--note", required=True, help="Why; the customer reads this.")
@options.internal_note_option
@options.consultant_option("Who corrects it.")
@options.writing_options
def correct_command(customer: str, duration: int, writing: Writing, **fields: Any) -> int:
    """Take back DURATION of an earlier time entry.

    ENTRY is the entry's full name; for one of your own of this month its id will do. The entry
    itself stays as it is.

    \b
    Examples:
      punchcard correct acme 2026-11-ben/20-1 15m -m "This was product support."
      punchcard correct acme 13-1 15m -m "Logged a quarter too much." --as alice --commit
    """
    return writing.write(customer, lazy.time_entries.draft_correction, minutes=duration, **fields)


@click.command("buy")
@options.customer_argument
@click.argument("cards", type=click.IntRange(1, 999_999), required=False)
@click.option("--amount", type=MONEY, help="What is invoiced.  [default: the list price]")
@click.option("--invoice", metavar="NUMBER", help="The invoice's number.")
@click.option("--price-note", metavar="TEXT", help="Why the amount is not the list price.")
@click.option("--purchase-order", metavar="NUMBER", help="The customer's own number.")
@click.option(
    "--from-request",
    "request",
    metavar="REQUEST",
    shell_complete=complete,
    help="The order: it says how many and the customer's number, and is told of the purchase.",
)
@options.consultant_option("Who tells the request.")
@options.writing_options
def buy_command(
    customer: str,
    cards: int | None,
    request: str | None,
    consultant: str | None,
    writing: Writing,
    **fields: Any,
) -> int:
    """Record the sale of CARDS punchcards.

    What a request orders is shown, and written when you agree to it; where there is no terminal,
    CARDS and --amount say that you have seen it.

    \b
    Examples:
      punchcard buy acme 2 --amount 2000 --from-request ACME-14 --commit
      punchcard buy acme 2 --invoice INV-2026-201 --purchase-order PO-7731 --commit
      punchcard buy hoshizora 10 --amount 9000 --price-note "Volume discount, 10 %"
    """
    if request is None:
        if cards is None:
            raise click.UsageError("say how many CARDS, or --from-request REQUEST")
        return writing.write(customer, lazy.sales.draft_purchase, punchcards=cards, **fields)
    fields |= {"request": request, "consultant": consultant, "punchcards": cards}
    draft = lazy.sales.draft_ordered_purchase
    is_agreed = cards is not None and fields["amount"] is not None
    if not is_agreed and not writing.dry_run:
        replace(writing, dry_run=True).write(customer, draft, **fields)
        if not is_terminal():
            said = "nothing was written: nobody can be asked (is it right? say CARDS, --amount)"
            click.echo(f"punchcard: error: {said}", err=True)
            return COULD_NOT_WORK
        if not click.confirm("Record this purchase?"):
            click.echo("nothing was written")
            return 0
    return writing.write(customer, draft, **fields)


@click.command("refund", cls=DurationCommand)
@options.customer_argument
@click.argument("purchase")
@click.argument("duration", type=DURATION)
@options.reason_option
@click.option(
    "--amount", type=MONEY, help="What is paid back.  [default: what these minutes are worth]"
)
@options.writing_options
def refund_command(customer: str, duration: int, writing: Writing, **fields: Any) -> int:
    """Take DURATION of unused time of a PURCHASE back, and return money for it.

    \b
    Examples:
      punchcard refund acme P2 5h -m "The second site is not rolled out."
      punchcard refund acme P2 2h --amount 350 -m "Agreed with their purchasing." --commit
    """
    return writing.write(customer, lazy.sales.draft_refund, minutes=duration, **fields)


@click.command("goodwill", cls=DurationCommand)
@options.customer_argument
@click.argument("duration", type=DURATION)
@options.reason_option
@options.writing_options
def goodwill_command(customer: str, duration: int, reason: str, writing: Writing) -> int:
    """Give a customer DURATION free of charge.

    \b
    Examples:
      punchcard goodwill acme 1h -m "Our outage cut the session of 18 November short."
      punchcard goodwill hoshizora 30m -m "We were late for the call." --commit
    """
    return writing.write(customer, lazy.sales.draft_goodwill, minutes=duration, reason=reason)


def ask_missing(writing: Writing, fields: dict[str, Any]) -> None:
    """Ask on a terminal for what is None of a time entry; each answer is judged when it is given.

    ``fields`` are those that ``draft_entry`` takes, and the customer.
    """
    missing = [word for key, word in _WORDS.items() if fields[key] is None]
    if not missing:
        return
    if not is_terminal():
        raise click.UsageError(f"missing: {', '.join(missing)}", click.get_current_context())
    if fields["customer"] is None:
        with options.open_ledger_of(None) as opened:
            slugs = opened.ledger.slugs
        find = partial(_find_customer, slugs)
        fields["customer"] = _choose("Customer", dict.fromkeys(slugs, ""), find)
    with writing.open((fields["customer"],)) as opened:
        days = (opened.as_of, writing.choose_day(opened.as_of))
        _ask_work(lazy.draft.WritingDesk((opened.ledger,), fields["customer"], *days), fields)
    if fields["note"] is None and {"VISUAL", "EDITOR"} & os.environ.keys():
        written = click.edit(_TEMPLATE, extension=".md") or ""
        fields["note"] = written.partition(_TEMPLATE.strip())[0]
        return
    while not (fields["note"] or "").strip():
        fields["note"] = click.prompt("What was done (the customer reads this)", type=str)


def _ask_work(desk: lazy.draft.WritingDesk, fields: dict[str, Any]) -> None:
    """Ask for the request and the duration, if they are missing, and judge them if not."""
    lazy.draft.find_consultant(desk.ledger, fields["consultant"])
    find = partial(lazy.requests.find_request, desk.records)
    if fields["request"] is None:
        titles = {
            name: found.title
            for name, found in desk.records.requests.items()
            if found.opened <= desk.day and not found.status_on(desk.day).is_done
        }
        if not titles:
            hint = "open one with punchcard request open"
            raise LedgerError(f"{desk.slug} has no open request", hint)
        fields["request"] = _choose("Request", titles, find)
    fields["request"] = find(fields["request"])
    fit = partial(lazy.time_entries.fit_to_step, desk, rounding=fields["rounding"])
    if fields["minutes"] is not None:
        fit(fields["minutes"])
    while fields["minutes"] is None:
        answer = click.prompt("How long (45m, 1h15m)", type=DURATION)
        with showing_refusal():
            fit(answer)
            fields["minutes"] = answer


def _choose(what: str, titles: Mapping[str, str], find: Callable[[str], str]) -> str:
    """Show names with their titles, and ask until ``find`` finds one by the answer."""
    width = max(map(len, titles), default=0)
    for name, title in titles.items():
        click.echo(f"  {name:<{width}}  {make_printable(title)}".rstrip())
    while True:
        with showing_refusal():
            return find(str(click.prompt(what, type=str)).strip())


def _find_customer(slugs: Sequence[str], answer: str) -> str:
    """Return the customer with a name, or whose name alone begins like that."""
    starts = [slug for slug in slugs if slug.startswith(answer)]
    if answer in slugs or len(starts) == 1:
        return answer if answer in slugs else starts[0]
    raise UnknownNameError(f"there is no customer {answer!r}", suggest_name(answer, slugs))
