"""``punchcard init``, ``doctor`` and ``schema``: what sets a ledger and a machine up."""

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import CURRENCY, DOMAIN, FOLDER, PATH, PERSON, ZONE
from ledger.cli.main import DATA_HAS_PROBLEMS
from ledger.cli.printing import ask, name_commit, paint, print_json, require_output, write_output
from ledger.errors import naming_failure
from ledger.text import format_json, make_printable


@click.command("init")
@click.argument("folder", metavar="[DIR]", type=PATH, default=".")
@click.option("--name", help="Your company, as customers read it.")
@click.option("--timezone", type=ZONE, help="Whose calendar decides what today is.")
@click.option("--currency", type=CURRENCY, help="The currency of the first prices, like EUR.")
@click.option("--domain", type=DOMAIN, help="Where the portals are to be: portals.example.com.")
@click.option(
    "--consultant",
    type=PERSON,
    metavar="'NAME <EMAIL>'",
    help="Who may log time first.  [default: who Git says you are]",
)
@click.option(
    "--install-from",
    "install",
    metavar="SPEC",
    help="What the workflows install: a wheel, which is copied into the ledger, a path there, a "
    "git+https address with a commit, a version.  [default: this program, from where it came]",
)
@click.option(
    "--ci",
    "forge",
    type=click.Choice(("github", "gitlab", "forgejo")),
    default="github",
    show_default=True,
    help="Where the repository is to be; its jobs are written.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@options.format_option("text", "json")
def init_command(folder: Path, dry_run: bool, format_: str, **given: Any) -> None:
    """Start a new ledger: a Git repository in DIR, or here, with an example customer.

    It holds what is needed from the first day on: your company's files to fill in, the look of the
    portals, editor schemas, a pre-commit hook, workflows that check pull requests and build the
    portals every week, and a guide for the consultants. All of it is committed. On a terminal,
    what is not said is asked for.

    \b
    Examples:
      punchcard init ledger --ci gitlab
      punchcard init ledger --name "Example Tools" --timezone Europe/Berlin --currency EUR --domain portals.tools.example --consultant "Alex Kim <alex@tools.example>"
      punchcard init ledger --install-from "git+https://git.example/tools/service-punchcards@1f0c9be"
    """  # noqa: E501  # an example is pasted as it stands
    new, today = lazy.new_ledger, datetime.now(UTC).date()
    if sys.stdin.isatty() and format_ == "text":
        _ask(given)
    if given["name"]:
        given["name"] = lazy.yaml_text.read_line("name", given["name"])
    made = new.start_ledger(folder, today, new.Choices(**given), is_trial=dry_run)
    who = made.consultant
    if format_ == "json":
        answer = {"folder": str(folder), "files": made.files, "consultant": who._asdict()}
        print_json({**answer, "commit": made.commit, "remarks": made.remarks})
        return
    is_here = folder.resolve() == Path.cwd()
    place, go = ("this folder", "") if is_here else (folder, f"cd {shlex.quote(str(folder))} && ")
    would = "would be " if dry_run else ""
    click.echo(f"{would}a new ledger in {place}: {made.files} files, one example customer")
    click.echo(f"{who.name} <{who.email}> may log time as {who.handle}")
    if made.commit is not None:
        click.echo(f"  {name_commit(made.commit, None)}")
    for remark in made.remarks:
        click.echo(f"  note: {remark}")
    click.echo(f"next: {go}punchcard doctor, then see README.md")


def _ask(answers: dict[str, Any]) -> None:
    """Ask on a terminal for what is not given; an empty answer leaves the example."""
    here = Path("/etc/localtime").resolve().as_posix().partition("zoneinfo/")[2] or "Etc/UTC"
    git_name, git_email = lazy.git.find_identity(Path.cwd())
    you = f"{git_name} <{git_email}>" if git_name and git_email else ""
    for key, what, type_, default in (
        ("name", "Your company, as customers read it", click.STRING, ""),
        ("timezone", "Time zone", ZONE, here),
        ("currency", "Currency of the first prices", CURRENCY, "USD"),
        ("domain", "Domain of the portals (may be left out)", DOMAIN, ""),
        ("consultant", "First consultant: NAME <EMAIL>", PERSON, you),
    ):
        if answers[key] is None:
            answers[key] = ask(what, type_, default)


@click.command("doctor")
@click.option(
    "--log",
    "logs",
    multiple=True,
    metavar="LOG",
    help="A log that `punchcard account seen` reads; 'portals.log*' stands for several.",
)
@click.option("--portals", type=FOLDER, help="The folder that the web server serves.")
@options.format_option("table", "json")
def doctor_command(logs: tuple[str, ...], portals: Path | None, format_: str) -> int:
    """Say whether this machine and repository are set up, and what to do where they are not.

    It looks at the versions, who you are, the hook, the history, the clock, your company's files,
    the cache, and on the web server's machine at its log and at the portals. The exit status is 1
    if something is wrong; what is doubtful may be meant so.

    \b
    Examples:
      punchcard doctor
      punchcard doctor --log '/var/log/nginx/portals.log*' --portals /srv/portals
    """
    checks = lazy.setup_checks
    with options.open_ledger_of(None) as opened:
        repository = opened.ledger.require_repository("nothing can be committed")
        cache = options.find_user_folder("cache")
        now = datetime.now(opened.ledger.organization.zone)
        found = checks.Setup(opened.ledger, repository, now, cache, logs, portals).examine()
    if format_ == "json":
        print_json([finding._asdict() for finding in found])
    else:
        colours = {checks.OK: "green", checks.DOUBTFUL: "yellow", checks.WRONG: "red"}
        for name, state, says, hint in found:
            mark = paint(f"{state:8}", colours[state])
            click.echo(f"{mark}  {name:10}  {make_printable(says)}")
            if hint:
                click.echo(f"{'':22}{make_printable(hint)}")
    return DATA_HAS_PROBLEMS if any(each.state == checks.WRONG for each in found) else 0


@click.command("schema")
@click.option(
    "--output",
    type=PATH,
    metavar="DIR",
    help="Write a file for each kind into this folder.  [default: print all of them]",
)
def schema_command(output: Path | None) -> None:
    """Write JSON Schemas of the ledger's files, with which an editor completes and underlines.

    What is printed is one JSON object with a schema for each kind of file. With --output, each
    goes into a file of its own, and what is printed are the lines of an editor's settings that
    say which schema is for which files.

    \b
    Examples:
      punchcard schema --output .vscode/schemas
      punchcard schema | jq .time
    """
    schemas = lazy.json_schema.make_schemas()
    if output is None:
        print_json(schemas)
        require_output()
        return
    with naming_failure(f"cannot write to {output}", "name another folder"):
        output.mkdir(parents=True, exist_ok=True)
    for kind, schema in schemas.items():
        write_output(format_json(schema), output / f"{kind}.json")
    click.echo(f"{len(schemas)} schemas in {output}; for .vscode/settings.json:", err=True)
    schema_folder = output.as_posix() if output.is_absolute() else f"./{output.as_posix()}"
    ledger_folder = options.find_named_folder() or Path("customers")
    print_json(lazy.json_schema.make_editor_settings(schema_folder, ledger_folder.as_posix()))
