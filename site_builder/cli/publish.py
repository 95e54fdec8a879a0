"""``punchcard portal publish``, ``rollback`` and ``access``."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import lazy
from ledger.cli.arguments import FILE, FOLDER, PATH
from ledger.cli.main import DATA_HAS_PROBLEMS
from ledger.cli.options import (
    Reading,
    address_options,
    as_of_option,
    format_option,
    jobs_option,
    open_ledger_of,
    reading_options,
)
from ledger.cli.printing import paint, print_json, print_problems, show_progress
from ledger.errors import LedgerError
from ledger.text import count_nouns
from site_builder.cli.portal import shorten

if TYPE_CHECKING:
    from site_builder.access.sites import ServerSettings
    from site_builder.access.writer import WrittenAccess
    from site_builder.publish.journal import PublicationReport

_CADDY_RELOAD = "caddy reload --config /etc/caddy/Caddyfile"
_RELOAD_LIMIT = 120
_LOOPBACK = ("127.", "[::1]")
_COLOURS = {"held-back": "red", "taken-down": "yellow"}


@click.command("publish")
@click.option(
    "--to",
    "folder",
    type=PATH,
    required=True,
    metavar="DIR",
    help="The folder that customers' portals are served from; missing, empty, or published into "
    "by this command.",
)
@click.option(
    "--rev",
    default="HEAD",
    show_default=True,
    metavar="REV",
    help="The branch, tag or commit to publish. The work tree never is.",
)
@as_of_option
@click.option(
    "--keep",
    "kept",
    type=click.IntRange(min=2),
    default=3,
    show_default=True,
    metavar="N",
    help="How many publications to keep for `portal rollback`.",
)
@click.option(
    "--since",
    metavar="REV",
    help="Compare with this revision instead of what was published last: for history that was "
    "altered on purpose.",
)
@click.option(
    "--from-parts",
    "parts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="PART",
    help="Take the portals from a folder that `portal build --shard` made, instead of building "
    "them; given once for each part.",
)
@click.option("--no-tag", is_flag=True, help="Do not record the publication: for a rehearsal.")
@jobs_option
@click.option(
    "--no-cache",
    is_flag=True,
    expose_value=False,
    help="Build everything from nothing, as a publication always does.",
)
@format_option("table", "json")
def publish_command(
    folder: Path,
    rev: str,
    as_of: date | None,
    format_: str,
    no_tag: bool,
    jobs: int | None,
    **options: Any,
) -> int:
    """Check the ledger at a commit, build all portals aside, and switch each over at once.

    A customer whose data has errors, or whose published history was altered, keeps the portal
    that is there; the others are published, and the exit status is 1. A portal whose last day
    has passed is taken down. Last of all the tag published/DATE is made.

    Exit status 2 means that nothing was published, 3 that somebody else is publishing there.

    \b
    Examples:
      punchcard portal publish --to published
      punchcard portal publish --to /srv/portals --rev origin/main
      punchcard portal publish --to rehearsal --no-tag --format json
    """
    _require_posix("publishing")
    from site_builder.publish.folder import PublicationFolder
    from site_builder.publish.portals import find_day
    from site_builder.publish.publish import Publication

    if options["parts"] and as_of is None:
        as_of = find_day(options["parts"])
    with open_ledger_of(as_of, rev) as opened:
        ledger, repository = opened.ledger, opened.ledger.repository
        # Somebody may think that what lies in the work tree is published.
        work_tree = repository if rev == "HEAD" and repository and repository.root else None
        prefix = ledger.files.prefix
        if work_tree and (work_tree.list_changes(prefix) or work_tree.find_hidden(prefix)):
            text = "the ledger has changes that are not committed: they are not published"
            click.echo(text, err=True)
        with show_progress("building", len(ledger.slugs)) as advance:
            report = Publication(
                *(ledger, PublicationFolder(folder), opened.as_of),
                is_recorded=not no_tag,
                is_by_clock=as_of is None,
                jobs=jobs or lazy.workers.count_cores(),
                on_customer=advance,
                **options,
            ).run()
    _show_report(report, format_, "published")
    return DATA_HAS_PROBLEMS if report.held_back else 0


@click.command("rollback")
@click.option(
    "--in",
    "folder",
    type=PATH,
    required=True,
    metavar="DIR",
    help="The folder that was published into.",
)
@click.option(
    "--to",
    "tag",
    metavar="TAG",
    help="The publication to go back to, as published/2026-11-16.  [default: the one before]",
)
@format_option("table", "json")
def rollback_command(folder: Path, tag: str | None, format_: str) -> None:
    """Let customers see an earlier publication again.

    Its portals are still there, are checked to the byte, and are switched at once. Tags stay as
    they are, and the ledger is not asked. A portal whose last day has passed is not brought back.

    \b
    Examples:
      punchcard portal rollback --in published
      punchcard portal rollback --in published --to published/2026-11-16
    """
    _require_posix("publishing")
    from site_builder.publish.publish import roll_back

    report = roll_back(folder, tag, datetime.now(UTC).date())
    _show_report(report, format_, "went back in")


def _require_posix(what: str) -> None:
    """Raise a LedgerError on a system that web servers of portals do not run on."""
    if not (hasattr(os, "chown") and hasattr(signal, "pthread_sigmask")):
        message = f"{what} takes the links, file modes and signals of Linux, macOS or another POSIX"
        raise LedgerError(message, "run it there, or in WSL; `portal build` works everywhere")


def _show_report(report: PublicationReport, format_: str, verb: str) -> None:
    """Print a report; what is wrong with customers' data goes to standard error first."""
    print_problems([problem for each in report.customers for problem in each.problems])
    for remark in report.remarks:
        click.echo(remark, err=True)
    if format_ == "json":
        print_json(report)
        return
    rows = []
    for each in report.customers:
        words, colour = each.effect.words, _COLOURS.get(each.effect)
        shown = paint(words, colour) if colour else words
        rows.append([each.slug, shown, each.as_of or "", each.reason])
    if rows:
        click.echo(f"{lazy.formats.format_table(('customer', 'portal', 'as of', ''), rows)}\n")
    what, tag = "nothing was published", f", {report.tag}" if report.tag else ""
    if report.is_done:
        what = f"{verb} {shorten(Path(report.folder))} as of {report.as_of}{tag}"
    click.echo(f"{what}: {', '.join(report.list_counts()) or 'no portals'}")


@click.command("access")
@click.option(
    "--to",
    "folder",
    type=FOLDER,
    required=True,
    help="The folder for the web server's files; missing, empty, or written by this command.",
)
@click.option("--server", type=click.Choice(("nginx", "caddy")), required=True)
@click.option(
    "--mode",
    type=click.Choice(("password", "sso")),
    default="password",
    show_default=True,
    help="How people are known: by a key, or by a gateway such as oauth2-proxy.",
)
@click.option(
    "--portals",
    type=FOLDER,
    help="The folder of the portals, as built or published.  [default: site/ in the work tree]",
)
@address_options
@click.option(
    "--listen",
    multiple=True,
    metavar="[ADDRESS:]PORT",
    help="What the server listens on.  [default: 443 with a certificate, else nginx 80; "
    "Caddy gets its own certificates for 443]",
)
@click.option(
    "--certificate",
    type=(PATH, PATH),
    metavar="CHAIN KEY",
    help="A certificate for all host names, and its key.",
)
@click.option(
    "--gateway",
    metavar="URL",
    default="http://127.0.0.1:4180",
    show_default=True,
    help="With --mode sso: who knows who somebody is.",
)
@click.option(
    "--intake",
    metavar="SOCKET",
    help="Where `punchcard intake serve` takes forms: a socket or 127.0.0.1:PORT.  [default: none]",
)
@click.option(
    "--log",
    type=FILE,
    help="The server's log of the portals.  [default: /var/log/SERVER/portals.log]",
)
@click.option(
    "--reload",
    "reload_command",
    metavar="COMMAND",
    help="Makes the server read its configuration; run if that is needed.  "
    f"[default: none for nginx, {_CADDY_RELOAD!r} for Caddy]",
)
@click.option("--no-reload", is_flag=True, help="Write the files only.")
@click.option(
    "--allow-earlier", is_flag=True, help="Take a day before that of the last run for right."
)
@reading_options("text", "json")
def access_command(reading: Reading, *, allow_earlier: bool, **options: Any) -> int:
    """Write who may open which portal, for a web server.

    Only accounts that are active on the day may, no more than the terms allow, and nobody where a
    portal has closed. Run it every day and after each change of the ledger. With nginx a change of
    people takes effect at the next request; a new customer takes a reload. Caddy is reloaded each
    time.

    \b
    Examples:
      punchcard portal access --to access --server nginx --domain portals.tracewell.example
      punchcard portal access --to access --server caddy --layout path --domain portals.tracewell.example --no-reload
    """  # noqa: E501  # an example is pasted as it stands
    _require_posix("access")
    from site_builder.access.writer import write_access

    with reading.open() as opened:
        settings = _make_settings(opened.ledger, **options)
        default = _CADDY_RELOAD if settings.server == "caddy" else None
        command = None if options["no_reload"] else options["reload_command"] or default
        with show_progress("reading", len(opened.ledger.slugs)) as advance:
            written = write_access(
                *(opened.ledger, settings, opened.as_of),
                partial(_reload, command) if command else None,
                allows_earlier=allow_earlier,
                is_by_clock=reading.as_of is None,
                on_customer=advance,
            )
    if reading.format_ == "json":
        print_json(_access_to_json(written, settings))
    else:
        for site in written.sites:
            people = ", ".join(account.email for account in site.accounts) or "nobody"
            click.echo(f"{settings.address.find_link(site.slug)}  {people}")
            for out in site.shut_out:
                click.echo(f"  not {out.email}: {out.reason}")
        count = len(written.changed)
        files = f"{count_nouns(count, 'file')} changed" if count else "nothing changed"
        click.echo(f"{files} in {shorten(settings.folder)}, as of {opened.as_of}")
    return _show_doubts(written, settings)


def _make_settings(ledger: lazy.ledger.Ledger, **options: Any) -> ServerSettings:
    from site_builder.access.sites import Certificate, Mode, Server, ServerSettings

    where = (options["domain"], options["layout"])
    address = lazy.access_keys.find_address(ledger.organization, *where)
    if address is None:
        hint = "write portal_domain into provider.yml, or say --domain, like portals.example.com"
        raise LedgerError("where are the portals?", hint)
    root = ledger.root or Path.cwd()
    server, certificate = Server(options["server"]), options["certificate"]
    return ServerSettings(
        *(server, Mode(options["mode"]), address),
        folder=options["folder"].absolute(),
        portals=(options["portals"] or root / "site").absolute(),
        log=(options["log"] or Path(f"/var/log/{server}/portals.log")).absolute(),
        certificate=certificate and Certificate(*(path.absolute() for path in certificate)),
        **{name: options[name] for name in ("listen", "gateway", "intake")},
    )


def _reload(command: str) -> None:
    """Run the command that makes the server read its configuration; ``LedgerError`` if it fails."""
    hint = "the files are written, but the server goes by the old ones: who may not may come in"
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command, without a shell
            shlex.split(command), capture_output=True, text=True, timeout=_RELOAD_LIMIT, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise LedgerError(f"cannot run {command!r}: {error}", hint) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise LedgerError(f"{command!r} failed with status {done.returncode}: {said}", hint)


def _access_to_json(written: WrittenAccess, settings: ServerSettings) -> dict[str, Any]:
    portals = [
        {
            "customer": site.slug,
            "state": site.state.value,
            "link": settings.address.find_link(site.slug),
            "accounts": [account.email for account in site.accounts],
            "shut_out": [out._asdict() for out in site.shut_out],
        }
        for site in written.sites
    ]
    return {"portals": portals, "changed": written.changed, "needs_reload": written.needs_reload}


def _show_doubts(written: WrittenAccess, settings: ServerSettings) -> int:
    """Print on standard error what the operator should know; return the exit status."""
    for slug in written.not_built:
        click.echo(f"warning: {slug} has no portal in {shorten(settings.portals)} yet", err=True)
    if not settings.certificate and any(not at.startswith(_LOOPBACK) for at in settings.listen):
        click.echo("warning: keys travel unprotected unless something else encrypts", err=True)
    if written.needs_reload:
        hint = "nginx -t && systemctl reload nginx" if settings.server == "nginx" else _CADDY_RELOAD
        click.echo(f"the configuration is new: {hint}", err=True)
    nowhere = [site.nowhere for site in written.sites if site.nowhere]
    for reason in nowhere:
        click.echo(f"error: {reason}", err=True)
    print_problems(written.problems)
    return DATA_HAS_PROBLEMS if written.problems or nowhere else 0
