"""``punchcard portal``: the group, and its commands ``build``, ``serve`` and ``export``."""

from __future__ import annotations

import signal
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import PATH
from ledger.cli.main import CommandGroup, LazyCommand, show_error
from ledger.cli.options import Reading, as_of_option, jobs_option, reading_options
from ledger.cli.printing import print_answer, print_json, show_progress
from ledger.text import count_nouns, name_some

if TYPE_CHECKING:
    from site_builder.build import Shard

_COMMANDS = (
    ("build", "portal:build_command", "Build the portals of some customers, or all."),
    ("serve", "portal:serve_command", "Preview a portal; it follows the files."),
    ("export", "portal:export_command", "Write a portal out as an ordinary MkDocs project."),
    ("publish", "publish:publish_command", "Check, build, and switch all portals over."),
    ("rollback", "publish:rollback_command", "Go back to an earlier publication."),
    ("access", "publish:access_command", "Write who may open which portal, for a web server."),
)

_LAZY = [LazyCommand(name, f"site_builder.cli.{place}", text) for name, place, text in _COMMANDS]


@click.group("portal", cls=CommandGroup, commands=_LAZY)
def portal() -> None:
    """Build customers' private portals."""


def shorten(path: Path) -> str:
    """Return the path from here if it lies below here, else from the root."""
    absolute, here = path.resolve(), Path.cwd().resolve()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)


def _read_shard(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> Shard | None:
    """Return the share of the customers that is written like 2/8."""
    from site_builder.build import parse_shard

    try:
        return None if value is None else parse_shard(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("build")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...")
@click.option(
    "--output",
    type=PATH,
    metavar="DIR",
    help="The folder of the portals; missing, empty, or built by this command.  "
    "[default: site/ in the work tree; overview/ with --overview]",
)
@click.option(
    "--overview",
    is_flag=True,
    help="Build the provider's internal overview of all customers instead, in a folder of its own.",
)
@jobs_option
@click.option(
    "--no-cache", is_flag=True, help="Build everything from nothing; the result is the same."
)
@click.option(
    "--shard",
    metavar="N/M",
    callback=_read_shard,
    help="Build the portals of a fixed share of the customers, the second of eight for instance, "
    "so that several machines share the work.",
)
@reading_options("text", "json")
def build_command(
    customers: tuple[str, ...],
    output: Path | None,
    overview: bool,
    jobs: int | None,
    no_cache: bool,
    shard: Shard | None,
    reading: Reading,
) -> None:
    """Build the portals of some customers, or of all.

    Nothing is built from a ledger with errors, and nothing is replaced before everything is
    built. Naming some customers leaves the portals of the others alone. What is as it was at the
    last build is not made again.

    The overview is for people at the provider: it names all customers, and is never put into a
    folder of portals, nor around one.

    \b
    Examples:
      punchcard portal build
      punchcard portal build acme --output preview --as-of 2026-11-20
      punchcard portal build --overview
      punchcard portal build --shard 2/8 --output part-2
    """
    from site_builder.build import build_portals, choose_slugs
    from site_builder.overview.internal_site import build_overview

    if shard and (customers or overview):
        raise click.UsageError("--shard is a part of all portals: name no customer, no --overview")
    if overview and customers:
        raise click.UsageError("--overview is of all customers: name none")
    with reading.open() as (ledger, as_of):
        folder = output or (ledger.root or Path.cwd()) / ("overview" if overview else "site")
        warn_of_english(ledger.root)
        answer: dict[str, Any] = {"folder": str(folder), "as_of": as_of.isoformat()}
        page: Path | None = None
        if overview:
            what, page = "the internal overview", build_overview(ledger, folder, as_of)
            answer["page"] = str(page)
        else:
            chosen = shard or customers
            with show_progress("building", len(choose_slugs(ledger, chosen))) as advance:
                built, missing, gone = build_portals(
                    *(ledger, folder, as_of, chosen, advance),
                    jobs=jobs or lazy.workers.count_cores(),
                    rebuilds_all=no_cache,
                )
            answer |= {"built": built, "missing": []}
            for each in missing:
                fate = {"customer": each.slug, "reason": each.reason, "gone": each.slug in gone}
                answer["missing"].append(fate)
            what = count_nouns(len(built), "portal")
            if built:
                page = folder / built[0] / "index.html"
    if reading.format_ == "json":
        print_json(answer)
        return
    for each in answer.get("missing", ()):
        taken = "; the one built before was taken away" if each["gone"] else ""
        click.echo(f"{each['customer']}: no portal: {each['reason']}{taken}")
    click.echo(f"built {what} in {shorten(folder)}, as of {as_of}")
    if page is not None:
        click.echo(f"open {shorten(page)}")


def warn_of_english(root: Path | None) -> None:
    """Say on standard error which texts stay English, if the provider's language lacks some."""
    from site_builder.look import find_configuration, read_style

    style = read_style(find_configuration(root))
    if missing := lazy.wording.find_missing_texts(style.language, style.texts):
        noun = "text stays" if len(missing) == 1 else "texts stay"
        what = f"{len(missing)} {noun} English in the language {style.language!r}"
        click.echo(f"punchcard: warning: {what}: {name_some(missing)}", err=True)


@click.command("serve")
@click.argument("customer")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port on this machine; 0 takes one that is free.",
)
@as_of_option
def serve_command(customer: str, port: int, as_of: date | None) -> None:
    """Preview a customer's portal in the browser; it follows the ledger's files.

    Only this machine can see it. A mistake in a file is said here, and the page stays as it was
    until the file is mended. Ctrl-C ends it.

    \b
    Examples:
      punchcard portal serve acme
      punchcard portal serve acme --port 8123 --as-of 2026-11-20
    """
    from site_builder.mkdocs.preview import serve_preview

    folder = options.find_named_folder()
    # Ctrl-C and a request to end are the ordinary end here.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve_preview(
            folder,
            customer,
            lambda ledger: as_of or options.find_today(ledger),
            port,
            lambda address: click.echo(f"open {address}  (Ctrl-C ends it)"),
            show_error,
        )
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
    click.echo("stopped")


@click.command("export")
@click.argument("customer")
@click.argument("folder", type=PATH, metavar="DIR")
@reading_options("text", "json")
def export_command(customer: str, folder: Path, reading: Reading) -> None:
    """Write a customer's portal into DIR as an ordinary MkDocs project.

    Plain `mkdocs build` on it makes the same portal, to the byte; it needs MkDocs and its Material
    theme, and neither the ledger nor this program.

    \b
    Examples:
      punchcard portal export acme acme-portal
      cd acme-portal && python -m mkdocs build
    """
    from site_builder.mkdocs.export import export_portal

    with reading.open() as opened:
        export_portal(opened.ledger, customer, folder, opened.as_of)
    answer = {"customer": customer, "folder": str(folder), "as_of": opened.as_of}
    answer["revision"] = opened.ledger.revision
    said = f"wrote the portal of {customer} to {shorten(folder)}, as of {opened.as_of}"
    print_answer(reading.format_, answer, said)
