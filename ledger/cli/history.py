"""``punchcard show``, ``changes``, ``audit`` and ``verify``: what the ledger's history says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from ledger.cli import lazy, options, printing
from ledger.cli.arguments import PATH
from ledger.cli.figures import draw_down_customers
from ledger.cli.main import COULD_NOT_WORK, DATA_HAS_PROBLEMS
from ledger.cli.options import Reading, format_option, reading_options
from ledger.cli.printing import paint, print_json, print_rows, require_output, show_problems
from ledger.duration import format_minutes
from ledger.errors import LedgerError, Problem
from ledger.text import count_nouns, cut_text, make_printable, shorten_id

_LABEL_WIDTH = 13
_USES = (
    ("bought", "minutes", "amount"),
    ("used", "used_minutes", "value_used"),
    ("refunded", "refunded_minutes", "value_refunded"),
    ("expired", "expired_minutes", "value_expired"),
    ("left", "remaining_minutes", "value_remaining"),
)
_ALWAYS_SAID = {"bought", "used", "left"}
_COLUMNS = ("customer", "date", "kind", "reference", "request", "by", "minutes", "text", "late")
_HEADERS = ("date", "what", "reference", "who", "minutes", "text", "")
_NO_COMMIT = (
    "this repository has no commit {commit}; "
    "fetch all branches, and all history if the clone is shallow"
)
_VERDICTS = {
    "genuine": (0, "green", "{customer}, {from} to {to}, at commit {commit}"),
    "altered": (DATA_HAS_PROBLEMS, "red", "not what commit {commit} says"),
    "unknown": (COULD_NOT_WORK, "yellow", _NO_COMMIT),
}
_LONGEST_TEXT = 60


@click.command("show")
@click.argument("customer")
@click.argument("reference")
@reading_options("table", "json")
def show_command(customer: str, reference: str, reading: Reading) -> int:
    """Show one record, who committed it when, and what became of it.

    REFERENCE is a time entry, a purchase or one of its cards, an adjustment, or a request.

    \b
    Examples:
      punchcard show acme 2026-11-alice/03-1
      punchcard show acme P1/2
      punchcard show acme ACME-12 --format json
    """
    stories, problems = lazy.record_story, list[Problem]()
    with reading.open([customer]) as opened:
        ((folder, drawn),) = draw_down_customers(opened, [customer], problems)
        found = kind, name, record = stories.find_record(folder.records, reference)
        story = stories.tell_story(folder, drawn, found, reference)
        origin = stories.find_origins(opened.ledger, folder.locate(record)[0]).get(name)
        is_changed = origin is not None and origin.record != record
        head = {"customer": customer, "as_of": opened.as_of, "revision": opened.ledger.revision}
    if reading.format_ == "json":
        brought, changed, _record = origin or (None, None, None)
        origins = {"brought": brought, "changed": changed}
        print_json({**head, **story, **origins, "uncommitted": origin is None or is_changed})
    else:
        click.echo(f"{kind} {reference}")
        for label, texts in _list_facts(story, origin, is_changed=is_changed):
            lines = [line for text in texts for line in text.expandtabs().splitlines()]
            for number, line in enumerate(lines):
                shown = "" if number else label
                click.echo(f"  {shown:<{_LABEL_WIDTH}} {make_printable(line)}".rstrip())
    require_output()
    return show_problems(problems)


def _list_facts(
    story: Mapping[str, Any], origin: lazy.record_story.Origin | None, *, is_changed: bool
) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield what there is to say of a record: a label, and a text for each line."""
    for name, value in story["record"].items():
        if name == "history":
            yield "event", (" ".join(str(x) for x in e.values() if x is not None) for e in value)
        elif name == "minutes":
            yield name, [format_minutes(value)]
        elif value not in (None, "", []):
            yield name.replace("_", " "), [str(value)]
    yield "agreement", filter(None, [story["agreement"]])
    yield "place", [f"{story['file']}:{story['line']}"]
    yield "brought by", ["no commit yet" if origin is None else str(origin.brought)]
    if origin is not None and origin.changed is not None:
        yield "changed by", [str(origin.changed)]
    if is_changed:
        yield "changed by", ["somebody who has not committed it yet"]
    yield "drew on", _tell(story["draws"], "{lot} {minutes}")
    yield "corrected by", _tell(story["corrections"], "{reference} {minutes}")
    lots = _tell(story["lots"], "{id} {remaining_minutes} of {minutes} left")
    yield "card" if story["kind"] == "purchase" else "lot", lots
    yield from _list_usage(story)
    yield "drawn by", _tell(story["uses"], "{lot} {date} {reference} {minutes}")
    yield "time", _tell(story["entries"], "{date} {reference} {worked_minutes}")
    times = [each["worked_minutes"] or 0 for each in story["entries"]]
    if times:
        yield "time in all", [format_minutes(sum(times))]


def _tell(items: Iterable[Mapping[str, Any]], form: str) -> Iterator[str]:
    """Yield what a form says of each item, with its minutes as people read them."""
    for each in items:
        minutes = {key: format_minutes(each[key] or 0) for key in each if key.endswith("minutes")}
        yield form.format_map({**each, **minutes})


def _list_usage(story: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield what a purchase, a card or a credit held and what became of it; a credit is free."""
    usage, is_credit = story["usage"], story["kind"] == "adjustment"
    for label, minutes, amount in _USES if usage else ():
        money = "" if is_credit else f", {usage[amount]} {story['currency']}"
        if usage[minutes] or label in _ALWAYS_SAID:
            shown = "given" if is_credit and label == "bought" else label
            yield shown, [f"{format_minutes(usage[minutes])}{money}"]


@click.command("changes")
@click.option(
    "--since",
    metavar="TAG|REV",
    help="What came in since this publication or revision.  [default: the last publication]",
)
@reading_options("table", "json", "csv")
def changes_command(since: str | None, reading: Reading) -> None:
    """Show what came in for each customer since a publication.

    New time, corrections, sales, requests and their events; what is dated on or before the day
    that was published then is marked as late.

    \b
    Examples:
      punchcard changes
      punchcard changes --since published/2026-11-16 --format json
      punchcard changes --since main~20
    """
    compare, publications = lazy.comparison, lazy.publications
    changes: dict[str, list[dict[str, Any]]] = {}
    with reading.open() as opened:
        repository = opened.ledger.require_repository("no earlier state")
        if since is None:
            publication = next(reversed(publications.read_publications(repository)), None)
        else:
            publication = publications.find_publication(repository, since)
        if publication is None and since is None:
            raise LedgerError(
                "nothing was published yet, so there is nothing to compare with",
                "name a revision with --since; `git fetch --tags` brings publications",
            )
        published_as_of = publication.as_of if publication else None
        commit = publication.commit if publication else repository.resolve_commit(str(since))
        compared = compare.compare_files(repository, commit, opened.ledger.files)
        for then, now in sorted(compared.read_customers(), key=lambda sides: sides[1].slug):
            sides = (then.records, now.records)
            if found := compare.list_changes(*sides, opened.as_of, published_as_of):
                changes[now.slug] = lazy.json_values.to_json(found)
        answer = {
            "as_of": opened.as_of,
            "revision": opened.ledger.revision,
            "since": commit,
            "publication": publication and publication.tag,
            "published_as_of": published_as_of,
            "customers": [{"customer": slug, "changes": changes[slug]} for slug in changes],
        }
    if reading.format_ == "json":
        print_json(answer)
        return
    rows = [{"customer": slug, **row} for slug in changes for row in changes[slug]]

    def make_table() -> str:
        lines = []
        for slug, found in changes.items():
            cells = [_make_cells(**change) for change in found]
            table = lazy.formats.format_table(_HEADERS, cells, ["minutes"])
            lines += [paint(slug, "cyan"), table, ""]
        when = f"{publication.tag}, as of {published_as_of}" if publication else shorten_id(commit)
        return "\n".join([*lines, f"{count_nouns(len(rows), 'change')} since {when}"])

    print_rows(reading.format_, rows, _COLUMNS, make_table)


def _make_cells(
    date: str, kind: str, reference: str, by: str | None, minutes: int | None, **others: Any
) -> tuple[str, ...]:
    text = make_printable(" ".join((others["text"] or "").split()))
    times = "" if minutes is None else format_minutes(minutes)
    late = "late" if others["late"] else ""
    return date, kind, reference, by or "", times, cut_text(text, _LONGEST_TEXT), late


@click.command("audit")
@click.option(
    "--from", "start", metavar="REV", help="Begin after this revision.  [default: the beginning]"
)
@options.rev_option
@format_option("text", "json")
def audit_command(start: str | None, rev: str | None, format_: str) -> int:
    """Find the commits that altered or removed what was recorded, and who made them.

    Each commit of the first-parent history is compared with the one before it, as `check --since`
    does, and a merge with what its other parents had added. What a later commit puts back is named
    with it, and does not count as altered. What is not committed is not looked at.

    \b
    Examples:
      punchcard audit
      punchcard audit --from published/2026-11-16
      punchcard audit --rev main --format json
    """
    folder = options.find_named_folder()
    with lazy.ledger.open_ledger(folder, "HEAD" if rev is None else rev) as ledger:
        repository = ledger.require_repository("no history")
        head = str(ledger.commit)
        first = None if start is None else repository.resolve_commit(start)
        commits = lazy.audit.choose_commits(repository, head, first)
        with printing.show_progress("auditing", len(commits)) as advance:
            findings = lazy.audit.audit(repository, ledger.files.prefix, commits, advance)
    facts = [each for each in findings if each.alters_facts]
    altered = sum(each.reverts is None and each.reverted_by is None for each in facts)
    if format_ == "json":
        items = [
            {**each.commit.to_json(), "problems": each.problems}
            | {"reverts": each.reverts, "reverted_by": each.reverted_by}
            for each in findings
        ]
        print_json({"from": first, "to": head, "commits": len(commits), "findings": items})
    else:
        for each in findings:
            click.echo(paint(str(each.commit), "yellow"))
            for what, other in (("puts back", each.reverts), ("put back by", each.reverted_by)):
                if other is not None:
                    click.echo(f"  {what} {shorten_id(other)}")
            for line in lazy.formats.format_problems(each.problems):
                click.echo(f"  {line}".rstrip())
            click.echo()
        count = count_nouns(len(commits), "commit")
        mended = len(facts) - altered
        also = f", {mended} put back or were put back" if mended else ""
        texts = len(findings) - len(facts)
        click.echo(f"{count}: {altered} altered recorded facts, {texts} only texts{also}")
    return DATA_HAS_PROBLEMS if altered else 0


@click.command("verify")
@click.argument("file", type=PATH)
@format_option("text", "json")
def verify_command(file: Path, format_: str) -> int:
    """Say whether a JSON statement is genuine: rebuild it from the commit that it names.

    Exit status: 0 genuine, 1 altered, 2 from a commit that this repository does not have.

    \b
    Examples:
      punchcard verify acme-2026-11.json
    """
    statement = lazy.audit.read_statement(file)
    verified = lazy.audit.verify_statement(options.find_named_folder(), statement)
    found = lazy.json_values.to_json(verified)
    status, colour, says = _VERDICTS[found["verdict"]]
    if format_ == "json":
        print_json(found)
        return status
    commit = make_printable(shorten_id(found["commit"]))
    facts = {**statement, "from": statement.get("from") or "the beginning", "commit": commit}
    click.echo(f"{paint(found['verdict'], colour)}: {says.format_map(facts)}")
    for each in found["differences"]:
        said, rebuilt = (cut_text(str(each[x]), _LONGEST_TEXT) for x in ("said", "rebuilt"))
        click.echo(make_printable(f"  {each['place']}: says {said}, should be {rebuilt}"))
    if found["verdict"] != "unknown" and not found["in_history"]:
        click.echo(f"note: commit {commit} is not part of the history of HEAD")
    return status
