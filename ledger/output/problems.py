"""Problems as people read them on a terminal, as JSON, and as GitHub's annotations."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
from wcwidth import wcswidth

from ledger.check import CheckReport
from ledger.errors import Problem, Severity, SourceExcerpt
from ledger.text import count_nouns

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_GUTTER = 5
_DATA_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY_ESCAPES = _DATA_ESCAPES | str.maketrans({":": "%3A", ",": "%2C"})


def format_problems(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield lines for people (``click.echo`` may drop colours): place, source line, mark, mend."""
    for problem in problems:
        label = f"{problem.severity}[{problem.rule}]"
        label = click.style(label, fg=_COLOURS[problem.severity], bold=True)
        yield f"{problem.position}: {label}: {problem.message}"
        if problem.excerpt is not None:
            yield from _format_excerpt(problem, problem.excerpt)
        elif problem.hint:
            yield f"{'':{_GUTTER}} = {problem.hint}"


def format_summary(
    report: CheckReport, seconds: float | None = None, only: Sequence[str] = (), hidden: int = 0
) -> str:
    """Return the line that sums a check up, of ``only`` some rules; ``hidden`` problems are cut."""
    took = "" if seconds is None else f" ({seconds:.2f} s)"
    rules = f" of {', '.join(only)}" if only else ""
    others = f"; {count_nouns(hidden, 'problem')} of other rules not shown" if hidden else ""
    if report.standing_count:
        others += f"; {count_nouns(report.standing_count, 'earlier warning')} not shown"
    counts = (report.file_count, report.record_count, report.error_count, report.warning_count)
    nouns = ("file", "record", "error", "warning")
    files, records, errors, warnings = map(count_nouns, counts, nouns)
    return f"{files}, {records}: {errors}, {warnings}{rules}{others}{took}"


def report_to_json(
    report: CheckReport, revision: str | None, since: str | None = None
) -> dict[str, Any]:
    """Return a check's result; ``since`` is the commit it is compared with."""
    return {
        "as_of": report.as_of.isoformat(),
        "revision": revision,
        "since": since,
        "files": report.file_count,
        "records": report.record_count,
        "errors": report.error_count,
        "warnings": report.warning_count,
        "problems": [problem.to_json() for problem in report.problems],
        "standing_warnings": report.standing_count,
    }


def format_annotations(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield a GitHub workflow command ("Setting an error message") a problem, for pull requests."""
    for problem in problems:
        place = problem.position
        title = problem.rule.translate(_PROPERTY_ESCAPES)
        file = place.file.translate(_PROPERTY_ESCAPES)
        text = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
        yield (
            f"::{problem.severity} file={file},line={place.line},col={place.column},"
            f"title={title}::{text.translate(_DATA_ESCAPES)}"
        )


def _format_excerpt(problem: Problem, excerpt: SourceExcerpt) -> Iterator[str]:
    start = problem.position.column - 1
    spaced = excerpt.text.replace("\t", " ")
    text = "".join(x if x.isprintable() else "\N{REPLACEMENT CHARACTER}" for x in spaced)
    yield f"{problem.position.line:>{_GUTTER}} | {text}".rstrip()
    mark = "^" * max(1, wcswidth(text[start : start + excerpt.width]))
    shown = click.style(mark, fg=_COLOURS[problem.severity], bold=True)
    yield f"{'':{_GUTTER}} | {' ' * wcswidth(text[:start])}{shown} {problem.hint}".rstrip()
