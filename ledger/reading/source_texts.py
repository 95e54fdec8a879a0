"""The texts of the files that were read, so that a problem can point at its exact place."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.errors import Problem, Severity, SourceExcerpt, SourcePosition
from ledger.reading.yaml_events import SourcePlaces
from ledger.reading.yaml_text import Path, Span
from ledger.text import make_printable

_LONGEST_EXCERPT = 500


class SourceTexts:
    """The files of one folder by their path in the ledger; places are worked out when asked for."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._sources: dict[str, bytes] = {}
        self._places: dict[str, SourcePlaces] = {}

    @property
    def sources(self) -> Mapping[str, bytes]:
        """The texts by the path of their file."""
        return self._sources

    def add(self, file: str, source: bytes) -> None:
        """Keep the text of a file."""
        self._sources[file] = source

    def make_problem(
        self,
        rule: str,
        file: str,
        place: Path | Span | None,
        message: str,
        hint: str = "",
        *,
        at_key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem that points into ``file``, or at the file if ``place`` is None."""
        name = make_printable(self._prefix + file)
        message, hint = make_printable(message), make_printable(hint)
        if place is None or file not in self._sources:
            position = SourcePosition(name)
            return Problem(rule, position, message, hint, severity)
        places = self._find_places(file)
        span = place if isinstance(place, Span) else places.find(place, key=at_key)
        return Problem(
            rule,
            SourcePosition(name, span.line, span.column),
            message,
            hint,
            severity,
            _cut_excerpt(places.get_line(span.line), span),
        )

    def find_line(self, file: str, place: Path) -> int:
        """Return the line of a value."""
        return self._find_places(file).find(place).line

    def _find_places(self, file: str) -> SourcePlaces:
        if file not in self._places:
            self._places[file] = SourcePlaces(self._sources[file])
        return self._places[file]


def _cut_excerpt(line: str, span: Span) -> SourceExcerpt | None:
    if not line.strip() or span.column > _LONGEST_EXCERPT:
        return None
    width = max(1, min(span.width, len(line) - span.column + 1, _LONGEST_EXCERPT))
    return SourceExcerpt(line[:_LONGEST_EXCERPT], width)
