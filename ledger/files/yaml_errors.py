"""What is wrong with a text that should be YAML, in the words of the people who write the files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_CORE_TAGS = "tag:yaml.org,2002:"
_WORDS = {
    # What libyaml says: our message, and our hint.
    "found character that cannot start any token": (
        "this character cannot begin a value",
        "put the text in quotes",
    ),
    "mapping values are not allowed": (
        "a second `: ` on one line",
        "put text that has a colon in quotes",
    ),
    "did not find expected key": (
        "here should be a key, indented like those above",
        "line the keys up; put text with quotes in it in quotes",
    ),
    "did not find expected '-' indicator": (
        "here should be a `- `, indented like those above",
        "line the items up",
    ),
    "could not find expected ':'": (
        "a line that is neither `key: value` nor indented text",
        "write `key: value`, with a space after the colon",
    ),
    "did not find expected ',' or ']'": (
        "a list in [ ] has no end, or a comma is missing",
        "add the missing `,` or `]`",
    ),
    "did not find expected ',' or '}'": (
        "a mapping in { } has no end, or a comma is missing",
        "add the missing `,` or `}`",
    ),
    "did not find expected node content": (
        "a value is missing here",
        "write it, or delete the comma or bracket too many",
    ),
    "found unexpected end of stream": ("a text in quotes has no end", "add the missing quote"),
    "found unexpected document indicator": ("a text in quotes has no end", "add the missing quote"),
    "found unknown escape character": (
        "not an escape that double quotes know",
        r"write \\ for a backslash, or use single quotes",
    ),
    "did not find expected <document start>": (
        "here the file should have ended",
        "indent the line like those above",
    ),
    "block sequence entries are not allowed": (
        "a list cannot begin here",
        "put its first `- ` on a line of its own",
    ),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line: line and column from 1, width in characters (at least 1)."""

    line: int
    column: int
    width: int = 1


class YamlSyntaxError(Exception):
    """The text is not what a ledger file may be."""

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint


def split_lines(text: str) -> list[str]:
    """Return the lines, ended as YAML ends them: ``str.splitlines`` knows more line ends."""
    return _LINE_END.split(text)


def find_span(text: str, offset: int, width: int = 1) -> Span:
    """Return the place of the character at ``offset``."""
    before = split_lines(text[:offset])
    return Span(len(before), len(before[-1]) + 1, width)


def span_of(event: Any) -> Span:
    """Return the place of an event of the parser."""
    start, end = event.start_mark, event.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Span(start.line + 1, start.column + 1, max(width, 1))


def explain_property(event: Any) -> YamlSyntaxError:
    """Return what to say of an event with an anchor or a tag."""
    if event.anchor is not None:
        name, kind = f"&{event.anchor}", "anchor"
        hint = "delete it, and write the value out wherever it is wanted"
    else:
        name, kind = event.tag.replace(_CORE_TAGS, "!!"), "tag"
        hint = "delete it; put text that begins with ! in quotes"
    span = span_of(event)
    narrow = Span(span.line, span.column, min(span.width, len(name)))
    return YamlSyntaxError(f"the {kind} {name}: {kind}s are not used in a ledger", narrow, hint)


def explain_parser_error(error: yaml.YAMLError, text: str) -> YamlSyntaxError:
    """Return what to tell the author of ``text``."""
    said = str(getattr(error, "problem", None) or error)
    span = _find_place(error)
    line = (split_lines(text) + [""] * span.line)[span.line - 1]
    before = line[: span.column - 1]
    if "\t" in line[: span.column]:
        tab = Span(span.line, line.index("\t") + 1)
        return YamlSyntaxError("a tab stands where spaces belong", tab, "use spaces")
    if "mapping values are not allowed" in said and ": " not in before:
        start = Span(span.line, len(line) - len(line.lstrip()) + 1)
        return YamlSyntaxError("indented deeper than the line above", start, "line the keys up")
    if "did not find expected" in said and before.rstrip().endswith(("'", '"')):
        return YamlSyntaxError(
            "text goes on after its closing quote", span, "put all of it in quotes, or nothing"
        )
    for words, (message, hint) in _WORDS.items():
        if words in said:
            return YamlSyntaxError(message, span, hint)
    return YamlSyntaxError(f"not YAML: {said}", span, "write it like the records beside it")


def _find_place(error: Any) -> Span:
    problem, context = (getattr(error, f"{name}_mark", None) for name in ("problem", "context"))
    mark = problem or context
    if problem is not None and context is not None:
        # What has no end is best corrected where it begins, not where the parser gave up.
        begins = str(error.context).endswith(("quoted scalar", "simple key"))
        has_no_end = "flow" in str(error.context) and problem.line > context.line
        mark = context if begins or has_no_end else problem
    return Span(1, 1) if mark is None else Span(mark.line + 1, mark.column + 1)
