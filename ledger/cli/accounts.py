"""``punchcard account``: who may see a portal, with which key, and what each is told."""

from functools import partial
from typing import Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import NOTICES, complete
from ledger.cli.main import CommandGroup
from ledger.cli.options import Reading, Writing
from ledger.cli.printing import name_commit, print_json, print_list
from ledger.text import count_nouns

_notices_option = partial(
    click.option,
    "--notices",
    type=click.Choice(NOTICES),
    help="What the person is told by mail: what is important, a weekly summary too, or nothing.",
)
_COLUMNS = (
    *("customer", "email", "name", "state", "created", "last_activity", "last_day", "out_since"),
)
_TABLE = {"address" if key == "email" else key.replace("_", " "): key for key in _COLUMNS}


@click.group("account", cls=CommandGroup)
def account() -> None:
    """Say who may see a customer's portal.

    \b
    Examples:
      punchcard account list
      punchcard account add nordlys-rail sigrid@nordlys.example "Sigrid Aas" --commit
    """


@account.command("list", short_help="List accounts.")
@options.customers_argument
@options.reading_options("table", "json", "csv")
def list_command(customers: tuple[str, ...], reading: Reading) -> None:
    """List accounts: who is active, until when, and who is disabled since when.

    \b
    Examples:
      punchcard account list
      punchcard account list acme --format json
    """
    rows = []
    with reading.open(customers) as opened:
        terms = opened.ledger.organization.terms
        for slug in customers or opened.ledger.slugs:
            records = opened.ledger.read_customer(slug).records
            for found in lazy.portal_life.find_account_standings(records, terms, opened.as_of):
                who, ends = found.account, (found.last_activity, found.last_day, found.out_since)
                values = (slug, who.email, who.name, found.state, who.created, *ends)
                rows.append(dict(zip(_COLUMNS, values, strict=True)))
    print_list(reading.format_, rows, _COLUMNS, _TABLE, opened.as_of)


@account.command("add", short_help="Add an account.")
@options.customer_argument
@click.argument("email")
@click.argument("name")
@click.option("--no-key", is_flag=True, help="Without a key: a gateway says who people are.")
@_notices_option()
@options.address_options
@options.writing_options
def add_command(customer: str, no_key: bool, writing: Writing, **fields: Any) -> int:
    """Add an account for a person of a customer, and show the invitation to send.

    The invitation holds a new key. It is shown this once; only a hash of it is kept.

    \b
    Examples:
      punchcard account add nordlys-rail sigrid@nordlys.example "Sigrid Aas"
      punchcard account add nordlys-rail per@nordlys.example "Per Lie" --date 2026-11-19 --commit
    """
    return writing.write(customer, lazy.access_keys.draft_account, has_key=not no_key, **fields)


@account.command("edit", short_help="Change what somebody is told.")
@options.customer_argument
@options.account_argument
@_notices_option(required=True)
@options.writing_options
def edit_command(customer: str, writing: Writing, **fields: Any) -> int:
    """Change what a person is told by mail; see `punchcard notices`.

    \b
    Examples:
      punchcard account edit acme dana@acme.example --notices all
      punchcard account edit acme dana@acme.example --notices none --commit
    """
    return writing.write(customer, lazy.customers.draft_notices, **fields)


@account.command("key", short_help="Give somebody a new key.")
@options.customer_argument
@options.account_argument
@options.address_options
@options.writing_options
def key_command(customer: str, writing: Writing, **fields: Any) -> int:
    """Give a person a new key, and show the invitation to send; the old key ends.

    The key is shown this once; only a hash of it is kept.

    \b
    Examples:
      punchcard account key acme dana@acme.example
      punchcard account key acme dana@acme.example --domain portals.tracewell.example --commit
    """
    return writing.write(customer, lazy.access_keys.draft_key, **fields)


@account.command("seen", short_help="Record sign-ins.")
@click.argument("customer", required=False, shell_complete=complete)
@click.argument("email", required=False, shell_complete=complete)
@click.option(
    "--from",
    "logs",
    multiple=True,
    metavar="LOG",
    help="Read a web server's log: common, combined or Caddy's, packed with gzip or not; - is "
    "standard input, 'access.log*' stands for several. May be given more than once.",
)
@options.writing_options
def seen_command(
    customer: str | None, email: str | None, logs: tuple[str, ...], writing: Writing
) -> int:
    """Record the last day on which somebody signed in; an earlier day changes nothing.

    With --from everybody's last day is taken from web servers' logs, and --commit makes one commit
    of all. CUSTOMER then says whose portal the logs are of; it is needed only where they do not
    say it and a person has an account at several customers. A log that is missing or cut off
    changes nothing, and is warned of; if there is no other, the exit status is 2.

    \b
    Examples:
      punchcard account seen acme dana@acme.example
      punchcard account seen acme dana@acme.example --date 2026-11-20 --commit
      punchcard account seen --from '/var/log/nginx/portals.log*' --commit
    """
    if logs and (email is not None or writing.day is not None):
        raise click.UsageError("--from says who and when: leave out EMAIL and --date")
    if not logs and (customer is None or email is None):
        raise click.UsageError("say CUSTOMER and EMAIL, or --from LOG")
    if email is not None:
        return writing.write(customer, lazy.customers.draft_sign_in, email=email)
    write = partial(writing.writer.write, None)
    recorded = lazy.sign_ins.record_sign_ins(logs, customer, write)
    if writing.format_ == "json":
        print_json(recorded)
    else:
        for item in recorded.sign_ins:
            before = f", before {item.before}" if item.before else ""
            click.echo(f"{item.customer}: {item.email} was there on {item.last_sign_in}{before}")
        if not recorded.sign_ins:
            click.echo("nothing to write: no account was there later than is known")
        elif recorded.commit is not None:
            accounts = count_nouns(len(recorded.sign_ins), "account")
            click.echo(f"{accounts} recorded, {name_commit(recorded.commit, recorded.branch)}")
    for warning in recorded.warnings:
        click.echo(f"warning: {warning}", err=True)
    return 0


@account.command("reactivate", short_help="Let somebody in again.")
@options.customer_argument
@options.account_argument
@options.writing_options
def reactivate_command(customer: str, email: str, writing: Writing) -> int:
    """Let somebody in again whose account was disabled for inactivity.

    \b
    Examples:
      punchcard account reactivate acme priya@acme.example
      punchcard account reactivate acme priya@acme.example --date 2026-11-19 --commit
    """
    return writing.write(customer, lazy.customers.draft_reactivation, email=email)


@account.command("remove", short_help="Remove an account.")
@options.customer_argument
@options.account_argument
@options.writing_options
def remove_command(customer: str, email: str, writing: Writing) -> int:
    """Remove an account; the date is its last day. What the person did stays on record.

    \b
    Examples:
      punchcard account remove acme priya@acme.example
      punchcard account remove acme priya@acme.example --commit
    """
    return writing.write(customer, lazy.customers.draft_removal, email=email)
