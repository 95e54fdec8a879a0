"""What checks found, kept by what was checked: a customer's folder by the id of its tree.

All results of one organization, that is of one content of its files, are in one file. Each says
for which as-of dates it holds, so that tomorrow's check needs nothing that today's has found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from ledger.cache.kept_files import KeptFiles
from ledger.errors import Problem, Severity, SourceExcerpt, SourcePosition

_MOST_RESULTS = 4
"""How many are kept of a customer: of as many branches, or dates."""


class CustomerResult(NamedTuple):
    """What a check found in a customer's folder.

    Attributes:
        key: the customer's key; empty if it could not be read.
        last_day: the last as-of date for which this holds.
        folder_id: the id of the folder's tree, by what was read; None if something in it was not.
    """

    slug: str
    key: str
    file_count: int
    record_count: int
    problems: tuple[Problem, ...]
    last_day: date
    folder_id: str | None = None


class OrganizationResult(NamedTuple):
    """What a check found in the organization's files; ``timezone`` is empty if it is not known."""

    timezone: str
    file_count: int
    record_count: int
    problems: tuple[Problem, ...]


class KeptChecks:
    """The results for one organization.

    Attributes:
        name: of the file; it tells the organization's files from others.
        organization: what was found in its files; None if that is not known.
    """

    def __init__(self, files: KeptFiles, name: str) -> None:
        self.name = name
        self._files = files
        self._results: dict[str, list[list[Any]]] = {}
        self.organization: OrganizationResult | None = None
        self._is_changed = False
        self._load()

    def find(self, slug: str, folder_id: str, as_of: date) -> CustomerResult | None:
        """Return what is known of a customer's folder on the evening of ``as_of``."""
        day = as_of.isoformat()
        for kept in self._results.get(slug, ()):
            try:
                found_id, first, last, key, files, records, problems = kept
                if found_id == folder_id and first <= day <= last:
                    return CustomerResult(
                        slug,
                        _expect(key, str),
                        _expect(files, int),
                        _expect(records, int),
                        tuple(map(_read_problem, problems)) if problems else (),
                        date.fromisoformat(last),
                        folder_id,
                    )
            except (TypeError, ValueError):
                continue
        return None

    def add(self, result: CustomerResult, as_of: date) -> None:
        """Take in what was found as of a date."""
        if result.folder_id is None:
            return
        kept = [
            result.folder_id,
            as_of.isoformat(),
            result.last_day.isoformat(),
            result.key,
            result.file_count,
            result.record_count,
            [_write_problem(problem) for problem in result.problems],
        ]
        older = self._results.get(result.slug, [])
        self._results[result.slug] = [kept, *older][:_MOST_RESULTS]
        self._is_changed = True

    def set_organization(self, result: OrganizationResult) -> None:
        """Take in what was found in the organization's files."""
        self.organization = result
        self._is_changed = True

    def save(self) -> None:
        """Keep what came in, beside what other processes have found meanwhile."""
        if not self._is_changed:
            self._files.touch(self.name)
            return
        mine = self._results
        self._load()
        for slug, results in mine.items():
            others = [kept for kept in self._results.get(slug, []) if kept not in results]
            self._results[slug] = [*results, *others][:_MOST_RESULTS]
        organization = self.organization
        data: dict[str, Any] = {"organization": None, "customers": self._results}
        if organization is not None:
            problems = [_write_problem(problem) for problem in organization.problems]
            data["organization"] = [*organization[:3], problems]
        self._files.write(self.name, data)
        self._is_changed = False

    def _load(self) -> None:
        data = self._files.read(self.name)
        if not isinstance(data, Mapping):
            return
        customers: Any = data.get("customers")
        if isinstance(customers, dict) and all(type(item) is list for item in customers.values()):
            self._results = customers
        if self.organization is None:
            self.organization = _read_organization(data.get("organization"))


def _read_organization(data: Any) -> OrganizationResult | None:
    try:
        timezone, files, records, problems = data
        return OrganizationResult(
            _expect(timezone, str),
            _expect(files, int),
            _expect(records, int),
            tuple(map(_read_problem, problems)),
        )
    except (TypeError, ValueError):
        return None


def _write_problem(problem: Problem) -> list[Any]:
    place, excerpt = problem.position, problem.excerpt
    return [
        problem.rule,
        place.file,
        place.line,
        place.column,
        problem.message,
        problem.hint,
        problem.severity.value,
        None if excerpt is None else [excerpt.text, excerpt.width],
    ]


def _read_problem(data: Any) -> Problem:
    """Return a problem.

    Raises:
        TypeError: the data is of another form.
        ValueError: as above.
    """
    rule, file, line, column, message, hint, severity, excerpt = data
    return Problem(
        _expect(rule, str),
        SourcePosition(_expect(file, str), _expect(line, int), _expect(column, int)),
        _expect(message, str),
        _expect(hint, str),
        Severity(severity),
        None if excerpt is None else _read_excerpt(excerpt),
    )


def _read_excerpt(data: Any) -> SourceExcerpt:
    text, width = data
    return SourceExcerpt(_expect(text, str), _expect(width, int))


def _expect(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(value)
    return value
