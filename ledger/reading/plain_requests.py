"""Requests from text in the very form in which this program writes them, many files in one step.

Every field is a line, in the order of the fields of the record; the description may be a block of
lines, and every event is one line. What it takes it reads as ``reading.yaml_source`` and
``reading.plain_records`` do; about anything else it has no opinion. A test holds it against the
full way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise

from ledger.models import RecordError, Request, RequestEvent
from ledger.reading.canonical_yaml import join_plain
from ledger.reading.plain_records import OddError
from ledger.reading.record_form import TEXT_START, RecordForm

# Simple patterns, because they are compiled for a single customer, too; what they find is looked
# at as a whole.
_LINE_TEXT = "[^\n]+"
_FLOW_TEXT = "[^\n,]+"
_BLOCK = r"\|-?\n  [!-~\w][^\n]*(?:\n+  [^\n]+)*"
_EVENTS = r"(?:  - \{[^\n]*\}\n)+"
_ODD_COLON = re.compile(f":(?! {TEXT_START}|[A-Za-z0-9])")


def read_plain_requests(sources: Sequence[bytes]) -> list[tuple[Request]] | None:
    """Return the record of each of some files; None if not all are of that form."""
    text = join_plain(sources, b"title: ")
    if text is None or " \n" in text:
        return None
    form = _find_form()
    items = form.pattern.findall(text)
    # Only the first line of a record begins with `title`, and so does every file. So if the items
    # are all there is, and as many as the files, each is a file.
    if len(items) != len(sources) or sum(len(item[0]) for item in items) != len(text):
        return None
    try:
        return [(request,) for request in form.make_requests(items)]
    except (OddError, RecordError):
        return None


class _RequestForm:
    """The form of a request and of its events, with the texts of their fields as groups.

    Attributes:
        pattern: a request as a whole, and its fields.
    """

    def __init__(self) -> None:
        special = {
            "description": (f"{_BLOCK}|{_LINE_TEXT}", _read_description),
            "history": (_EVENTS, None),
        }
        self._request = RecordForm(Request, _LINE_TEXT, special)
        self._event = RecordForm(RequestEvent, _FLOW_TEXT)
        lines = [
            self._request.make_optional(
                key, f"history:\n({value})" if key == "history" else f"{key}: ({value})\n"
            )
            for key, value in self._request.values.items()
        ]
        self.pattern = re.compile(f"^({''.join(lines)})", re.MULTILINE)
        parts = [
            self._event.make_optional(key, f"{', ' if number else ''}{key}: ({value})")
            for number, (key, value) in enumerate(self._event.values.items())
        ]
        self._event_pattern = re.compile(rf"^  - \{{{''.join(parts)}\}}$", re.MULTILINE)

    def make_requests(self, items: Sequence[tuple[str, ...]]) -> tuple[Request, ...]:
        """Return the requests of which the pattern found the texts.

        Raises:
            OddError: some text is not plainly right.
            RecordError: some values do not go together.
        """
        _whole, *columns, histories = zip(*items, strict=True)
        values = [text for column in columns for text in column if text and "\n" not in text]
        _expect_plain("".join(f": {value}\n" for value in values), len(values))
        return self._request.make_records([*columns, self._read_histories(histories)])

    def _read_histories(self, histories: Sequence[str]) -> list[tuple[RequestEvent, ...]]:
        text = "".join(histories)
        ends = list(accumulate(map(_count_lines, histories), initial=0))
        columns = list(zip(*self._event_pattern.findall(text), strict=True))
        # Every event is a whole line, so all lines are events if there are as many.
        if sum(map(len, columns[:1])) != ends[-1]:
            raise OddError
        _expect_plain(text, sum(len(column) - column.count("") for column in columns))
        _expect_flow(text, ends[-1])
        events = self._event.make_records(columns)
        return [events[start:end] for start, end in pairwise(ends)]


@cache
def _find_form() -> _RequestForm:
    return _RequestForm()


def _count_lines(text: str) -> int:
    return text.count("\n")


def _expect_plain(text: str, count: int) -> None:
    """See whether no value, of so many, ends before it seems to, or is more than text."""
    if " #" in text or text.count(": ") != count or _ODD_COLON.search(text) is not None:
        raise OddError


def _expect_flow(text: str, count: int) -> None:
    """See whether there is nothing in so many events that means more between braces."""
    if text.count("{") != count or text.count("}") != count:
        raise OddError
    if any(sign in text for sign in ("[", "]", "?", "#", " ,", " }")):
        raise OddError


def _read_description(text: str) -> str:
    header, _, block = text.partition("\n")
    if not block:
        return text
    lines = block[2:].replace("\n  ", "\n")
    return lines if header == "|-" else lines + "\n"
