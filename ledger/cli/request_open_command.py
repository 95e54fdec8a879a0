"""``punchcard request open``."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, BinaryIO

import click

from ledger.cli.completion import complete_consultant, complete_customer
from ledger.cli.vocabulary import CHANNELS, CHARGED_CATEGORIES
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.request_mail import RequestMail
    from ledger.writing.draft import Draft, WritingDesk


@click.command("open")
@click.argument("customer", required=False, shell_complete=complete_customer)
@click.argument("title", required=False)
@click.option(
    "--category",
    type=click.Choice(CHARGED_CATEGORIES),
    metavar="CATEGORY",
    help=f"What it is charged as: {', '.join(CHARGED_CATEGORIES)}. "
    "Not needed in the support channel.",
)
@click.option(
    "--by",
    metavar="PERSON",
    shell_complete=complete_consultant,
    help="Who asks: an account's address, or a consultant.  [default: the Git author]",
)
@click.option(
    "--channel",
    type=click.Choice(CHANNELS),
    default=CHANNELS[0],
    show_default=True,
    help="Where it was raised.",
)
@click.option("--ticket", metavar="NUMBER", help="Its number in the support system.")
@click.option("--description", metavar="TEXT", help="Markdown; - reads it from standard input.")
@click.option(
    "--from-email",
    type=click.File("rb"),
    metavar="FILE",
    help="Open what a saved e-mail (.eml) asks for; - reads it from standard input.",
)
@writing_options
@click.pass_context
def open_command(  # noqa: PLR0913, PLR0917  # a parameter an option
    context: click.Context,
    customer: str | None,
    title: str | None,
    category: str | None,
    by: str | None,
    channel: str,
    ticket: str | None,
    description: str | None,
    from_email: BinaryIO | None,
    writing: WritingOptions,
) -> int:
    """Open a request, with the next free number.

    From an e-mail come the title, the description and the person who asks, and with it the
    customer; a mail from the portal's form says the category, too. The sender must be an active
    account of exactly one customer.

    \b
    Examples:
      punchcard request open acme "Dashboards for the board" --category product-training
      punchcard request open acme "Export fails" --channel support --by dana@acme.example
      punchcard request open --from-email request.eml --category detailed-qa --commit
    """
    mail = None
    if from_email is not None:
        if by is not None or description is not None:
            raise click.UsageError("an e-mail says by itself who asks, and what", context)
        mail = _read_mail(from_email)
        customer, by = _find_sender(context, mail, customer, writing.as_of)
        title, description = title or mail.title, mail.description
        category = category or (mail.category if channel == CHANNELS[0] else None)
    if customer is None or title is None:
        raise click.UsageError("missing: CUSTOMER TITLE, or --from-email", context)
    if description == "-":
        description = sys.stdin.read()

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_line, read_text
        from ledger.writing.request_records import NewRequest, draft_request

        new = NewRequest(
            title=read_line("title", title),
            date=day,
            category=category,
            opened_by=by,
            channel=channel,
            ticket=ticket and read_line("ticket", ticket),
            description=description and read_text("description", description),
        )
        drafted = draft_request(desk, new)
        return drafted if mail is None else drafted._replace(remarks=mail.remarks)

    return write(context, writing, customer, draft)


def _read_mail(stream: BinaryIO) -> RequestMail:
    from ledger.request_mail import MAX_MAIL_BYTES, read_request_mail

    return read_request_mail(stream.read(MAX_MAIL_BYTES + 1))


def _find_sender(
    context: click.Context, mail: RequestMail, customer: str | None, as_of: date | None
) -> tuple[str, str]:
    from ledger.cli.options import open_ledger_of
    from ledger.request_sender import find_sender

    with open_ledger_of(context, as_of) as opened:
        return find_sender(opened.ledger, mail.sender, customer, opened.as_of)
