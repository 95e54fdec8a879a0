"""Problems as GitHub's workflow commands, which land on the line in a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledger.errors import Problem

_DATA_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY_ESCAPES = {**_DATA_ESCAPES, ":": "%3A", ",": "%2C"}


def format_annotations(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield one workflow command a problem.

    The form is that of "Workflow commands for GitHub Actions", setting an error message.
    """
    for problem in problems:
        place = problem.position
        title = _escape(problem.rule, _PROPERTY_ESCAPES)
        file = _escape(place.file, _PROPERTY_ESCAPES)
        text = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
        yield (
            f"::{problem.severity} file={file},line={place.line},col={place.column},"
            f"title={title}::{_escape(text, _DATA_ESCAPES)}"
        )


def _escape(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
