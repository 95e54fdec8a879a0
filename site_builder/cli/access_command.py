"""``punchcard portal access``."""

from __future__ import annotations

import json
import shlex
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.options import (
    address_options,
    as_of_option,
    format_option,
    open_ledger_of,
    rev_option,
)
from ledger.cli.printing import show_progress
from ledger.errors import LedgerError
from site_builder.cli.shown_problems import shorten, showing_problems

if TYPE_CHECKING:
    from site_builder.access.settings import ServerSettings
    from site_builder.access.visitors import Site
    from site_builder.access.writer import WrittenAccess

_DEFAULT_PORTALS = "site"
_CADDY_RELOAD = "caddy reload --config /etc/caddy/Caddyfile"
_RELOAD_LIMIT = 120
_LOOPBACK = ("127.", "[::1]")


@click.command("access")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
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
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
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
    type=(click.Path(path_type=Path), click.Path(path_type=Path)),
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
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
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
@as_of_option
@rev_option
@format_option("text", "json")
@click.pass_context
def access_command(
    context: click.Context,
    /,
    as_of: date | None,
    rev: str | None,
    format_: str,
    allow_earlier: bool,
    **options: Any,
) -> int:
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
    from site_builder.access.writer import write_access

    with open_ledger_of(context, as_of, rev) as opened, showing_problems():
        settings = _make_settings(opened.ledger.root or Path.cwd(), **options)
        command = _find_reload_command(**options)
        with show_progress("reading", len(opened.ledger.slugs)) as advance:
            written = write_access(
                opened.ledger,
                settings,
                opened.as_of,
                None if command is None else lambda: _reload(command),
                allows_earlier=allow_earlier,
                on_customer=advance,
            )
        day = opened.as_of
    if format_ == "json":
        click.echo(json.dumps(_to_json(written, settings), indent=2, ensure_ascii=False))
    else:
        _show(written, settings, day)
    return _show_doubts(written, settings)


def _make_settings(root: Path, **options: Any) -> ServerSettings:
    from ledger.intake.access_keys import make_address
    from site_builder.access.settings import Certificate, Mode, Server, ServerSettings

    if options["domain"] is None:
        raise LedgerError("where are the portals?", "say --domain, like portals.example.com")
    server, certificate = Server(options["server"]), options["certificate"]
    return ServerSettings(
        server=server,
        mode=Mode(options["mode"]),
        address=make_address(options["domain"], options["layout"]),
        folder=options["folder"].absolute(),
        portals=(options["portals"] or root / _DEFAULT_PORTALS).absolute(),
        log=(options["log"] or Path(f"/var/log/{server}/portals.log")).absolute(),
        listen=options["listen"],
        certificate=certificate and Certificate(*(path.absolute() for path in certificate)),
        gateway=options["gateway"],
    )


def _find_reload_command(
    *, server: str, reload_command: str | None, no_reload: bool, **_others: Any
) -> str | None:
    if no_reload:
        return None
    return reload_command or (_CADDY_RELOAD if server == "caddy" else None)


def _reload(command: str) -> None:
    """Run the command that makes the server read its configuration.

    Raises:
        LedgerError: it failed.
    """
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


def _to_json(written: WrittenAccess, settings: ServerSettings) -> dict[str, Any]:
    return {
        "portals": [_site_to_json(site, settings) for site in written.sites],
        "changed": list(written.changed),
        "needs_reload": written.needs_reload,
    }


def _site_to_json(site: Site, settings: ServerSettings) -> dict[str, Any]:
    return {
        "customer": site.slug,
        "state": site.state.value,
        "link": settings.address.find_link(site.slug),
        "accounts": list(site.key_hashes),
        "shut_out": [out._asdict() for out in site.shut_out],
    }


def _show(written: WrittenAccess, settings: ServerSettings, day: date) -> None:
    for site in written.sites:
        people = ", ".join(site.key_hashes) or "nobody"
        click.echo(f"{settings.address.find_link(site.slug)}  {people}")
        for out in site.shut_out:
            click.echo(f"  not {out.email}: {out.reason}")
    count = len(written.changed)
    files = "nothing changed" if not count else f"{count} file{'' if count == 1 else 's'} changed"
    click.echo(f"{files} in {shorten(settings.folder)}, as of {day}")


def _show_doubts(written: WrittenAccess, settings: ServerSettings) -> int:
    from ledger.cli.printing import paint
    from ledger.reporters.problem_text import format_problems

    for slug in written.not_built:
        click.echo(f"warning: {slug} has no portal in {shorten(settings.portals)} yet", err=True)
    if not settings.certificate and any(_is_open_to_all(text) for text in settings.listen):
        click.echo("warning: keys travel unprotected unless something else encrypts", err=True)
    if written.needs_reload:
        hint = "nginx -t && systemctl reload nginx" if settings.server == "nginx" else _CADDY_RELOAD
        click.echo(f"the configuration is new: {hint}", err=True)
    for line in format_problems(written.problems, paint):
        click.echo(line, err=True)
    return 1 if written.problems else 0


def _is_open_to_all(listen: str) -> bool:
    return not listen.startswith(_LOOPBACK)
