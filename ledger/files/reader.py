"""Files to records: the organization's files, and those of a customer's folder.

A file is read and parsed, pydantic makes records of it, and what is wrong is explained and given
its place. A list with a bad item still gives its good ones. The ids of bad records are kept, so
that a reference to one is not called wrong.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import cache, cached_property
from itertools import islice
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from ledger.errors import MOST_IN_FILE, Problem, Severity, SourcePosition, stand_for
from ledger.files.layout import (
    ATTACHMENT_KIND,
    ORGANIZATION_FILES,
    Place,
    describe_special_file,
    record_path,
)
from ledger.files.messages import Finding, explain_errors
from ledger.files.source import FileKind, LedgerFile, LedgerFiles
from ledger.files.yaml import (
    CONFLICT_HINT,
    Path,
    PlainValue,
    SourcePlaces,
    Span,
    YamlSyntaxError,
    find_lost_texts,
    parse_yaml,
)
from ledger.models import (
    FILE_TYPES,
    Consultant,
    Customer,
    CustomerRecords,
    Provider,
    Record,
    TermsHistory,
    TimeSheet,
)
from ledger.text import make_printable, natural_key, quote_value

SYNTAX_RULE = "yaml-syntax"
_OF_TWO_REQUESTS = (
    f"{CONFLICT_HINT}; if these are two requests: git merge --abort, punchcard request renumber "
    "one of them, merge again"
)
LOST_TEXT_RULE = "lost-text"
FILE_NAME_RULE = "file-name"
SINGLE_KINDS = frozenset({"provider", "customer", "request", "import"})
"""The kinds of files that hold one record; all others hold a list."""

_MOST_ITEMS = 10_000
_MOST_BAD_ITEMS = 1_000


class FileRecords(NamedTuple):
    """The good records of one file of a kind of ``models.FILE_TYPES``, by its path in the ledger.

    ``indices`` are those of ``records`` in the file's list, ``dropped_ids`` the ids of records that
    are there but not good; the file ``is_whole`` if nothing was left out.
    """

    file: str
    kind: str
    records: tuple[Any, ...] = ()
    indices: Sequence[int] = ()
    dropped_ids: frozenset[str] = frozenset()
    is_whole: bool = False


class ReadFiles:
    """Files that were read, what is wrong with them, and where their records stand."""

    def __init__(self, source: LedgerFiles, marketplace: str = "") -> None:
        """Read from ``source``; who records a licence is told that ``marketplace`` sells them."""
        self.files: list[FileRecords] = []
        self.problems: list[Problem] = []
        self._source = source
        self._marketplace = marketplace
        self._places: dict[str, SourcePlaces] = {}

    def read(self, file: LedgerFile, kind: str) -> FileRecords:
        """Return the records of a file; what is wrong with it is added to ``problems``."""
        is_attachment = kind == ATTACHMENT_KIND and file.kind is FileKind.FILE
        found = FileRecords(file.path, kind, is_whole=is_attachment)
        content = None if is_attachment else self._read_content(file)
        if content is not None:
            self._places[file.path] = SourcePlaces(content)
            try:
                found = self._make_records(file.path, kind, parse_yaml(content))
                self._report_lost_texts(file.path, content)
            except YamlSyntaxError as error:
                is_of_two = kind == "request" and error.hint == CONFLICT_HINT
                hint = _OF_TWO_REQUESTS if is_of_two else error.hint
                self.problems += [
                    self.make_problem(SYNTAX_RULE, file.path, error.span, error.message, hint)
                ]
        self.files.append(found)
        return found

    @property
    def incomplete_kinds(self) -> frozenset[str]:
        """The kinds of files of which something could not be read."""
        return frozenset(file.kind for file in self.files if not file.is_whole)

    @property
    def partial_files(self) -> tuple[str, ...]:
        """The files of which something could not be read."""
        return tuple(file.file for file in self.files if not file.is_whole)

    @property
    def record_count(self) -> int:
        """How many records the files have, good or not."""
        return sum(len(file.records) + len(file.dropped_ids) for file in self.files)

    def locate(self, record: Record) -> tuple[str, Path]:
        """Return the file of a record that was read here and its path in there."""
        return self._record_places[id(record)]

    def make_problem(
        self,
        rule: str,
        place: Record | str,
        key: str | Path | Span | None,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        *,
        at_key: bool = False,
    ) -> Problem:
        """Return a problem with a record, or with a file by its path.

        It points at the value of a ``key`` or path in there, or at the key; None: at the whole.
        """
        file, path = (place, ()) if isinstance(place, str) else self.locate(place)
        problem = make_file_problem(rule, self._source.prefix + file, message, hint, severity)
        if key is None and isinstance(place, str):
            return problem
        places, below = self._places[file], (key,) if isinstance(key, str) else key or ()
        span = below if isinstance(below, Span) else places.find((*path, *below), key=at_key)
        position = replace(problem.position, line=span.line, column=span.column)
        return replace(problem, position=position, excerpt=places.cut_excerpt(span))

    def _read_content(self, file: LedgerFile) -> bytes | None:
        """Return the bytes of a file; None, and a problem, if it cannot be read."""
        rule = SYNTAX_RULE
        if file.kind is not FileKind.FILE:
            rule, (_path, message, hint) = FILE_NAME_RULE, describe_special_file(file)
        else:
            try:
                return self._source.read(file.path)
            except FileNotFoundError:
                message = "the file is not there any more"
                hint = "check again when nobody changes it"
            except OSError as error:
                message = f"cannot be read: {error.strerror or type(error).__name__}"
                hint = "make it a file that you may read"
        self.problems += [self.make_problem(rule, file.path, None, message, hint)]
        return None

    def _report_lost_texts(self, file: str, content: bytes) -> None:
        found = find_lost_texts(content)
        for span, lost, value in islice(found, MOST_IN_FILE):
            kept = f"the value is {quote_value(value)}" if value else "there is no value"
            message = f"{quote_value(lost)} is a comment to YAML, {kept}"
            hint = "put the whole text in quotes, or a space after the # of a comment"
            self.problems += [
                self.make_problem(LOST_TEXT_RULE, file, span, message, hint, Severity.WARNING)
            ]
        if left := sum(1 for _ in found):
            self.problems.append(stand_for(self.problems[-1], left))

    def _make_records(self, file: str, kind: str, data: PlainValue) -> FileRecords:
        data = [] if data is None and kind not in SINGLE_KINDS else data
        items = data if isinstance(data, list) and kind not in SINGLE_KINDS else []
        # No file has room for so many good records: of more it is enough to say that they are bad.
        # Nor is the rest looked at where the first of many are as bad as can be shown.
        for most in (_MOST_BAD_ITEMS, _MOST_ITEMS):
            records, indices, findings, more = _judge(kind, items[:most] or data, self._marketplace)
            if len(items) <= most or len(findings) >= MOST_IN_FILE:
                break
        for path, message, hint, at_key, rule in findings:
            self.problems += [self.make_problem(rule, file, path, message, hint, at_key=at_key)]
        if left := more + len(items[most:]):
            self.problems.append(stand_for(self.problems[-1], left))
        bad = {*range(len(items))}.difference(indices)
        found = (items[index].get("id") for index in bad if isinstance(items[index], dict))
        ids = frozenset(each for each in found if isinstance(each, str))
        return FileRecords(file, kind, records, indices, ids, not findings)

    @cached_property
    def _record_places(self) -> dict[int, tuple[str, Path]]:
        """The file and path of each record, and of each record inside one, by its ``id()``."""
        places: dict[int, tuple[str, Path]] = {}
        for file in self.files:
            for index, record in zip(file.indices, file.records, strict=True):
                path: Path = () if file.kind in SINGLE_KINDS else (index,)
                places[id(record)] = (file.file, path)
                for key in type(record).model_fields:
                    value = getattr(record, key)
                    for number, part in enumerate(value if isinstance(value, tuple) else ()):
                        places[id(part)] = (file.file, (*path, key, number))
        return places


class Organization(ReadFiles):
    """What all customers share; ``provider`` is None if provider.yml could not be read."""

    def __init__(self, source: LedgerFiles, found: Mapping[str, LedgerFile]) -> None:
        """Read the organization's files; ``found`` has those that are there, by kind or path."""
        super().__init__(source)
        kinds = [kind for kind in ORGANIZATION_FILES if kind in found]
        records = {kind: self.read(found[kind], kind).records for kind in kinds}
        self.provider: Provider | None = next(iter(records.get("provider", ())), None)
        self.terms = TermsHistory(records.get("terms", ()))
        self.consultants: tuple[Consultant, ...] = records.get("consultants", ())
        named = self.provider.brand.files.values() if self.provider else ()
        self.brand_files: Mapping[str, bytes] = {
            name: self._read_content(found[name]) or b"" for name in named if name in found
        }

    @property
    def zone(self) -> tzinfo:
        """The provider's time zone; UTC if there is no provider."""
        return UTC if self.provider is None else self.provider.zone

    @cached_property
    def by_handle(self) -> Mapping[str, Consultant]:
        """The consultants by their handles."""
        return {consultant.handle: consultant for consultant in reversed(self.consultants)}


class CustomerFolder(ReadFiles):
    """A customer's records, as far as they could be read."""

    def __init__(
        self,
        source: LedgerFiles,
        slug: str,
        places: Sequence[tuple[LedgerFile, Place]],
        marketplace: str = "",
    ) -> None:
        """Read the files of one customer, given where each belongs."""
        super().__init__(source, marketplace)
        self.slug = slug
        if all(place.kind != "customer" for _file, place in places):
            path, hint = record_path(slug, "customer"), "add it, with name, key and currency"
            message = f"the customer's folder {slug!r} has no customer.yml"
            self.problems += [self.make_problem(FILE_NAME_RULE, path, None, message, hint)]
        read = [(place, self.read(file, place.kind)) for file, place in places]
        self._read = read
        records = {place.kind: file.records for place, file in read}
        requests = {place.name: file.records for place, file in read if place.kind == "request"}
        # For a customer.yml that cannot be read: the rest of the folder is still looked at.
        stand_in = Customer.model_construct(name=slug, key="", currency="")
        self.records = CustomerRecords(
            slug=slug,
            customer=next(iter(records.get("customer", ())), stand_in),
            purchases=records.get("purchases", ()),
            adjustments=records.get("adjustments", ()),
            accounts=records.get("accounts", ()),
            requests={
                name: request
                for name in sorted(requests, key=natural_key)
                for request in requests[name]
            },
            sheets=tuple(
                TimeSheet(place.name, file.records) for place, file in read if place.kind == "time"
            ),
        )

    @property
    def incomplete_kinds(self) -> frozenset[str]:
        """The kinds of files of which something could not be read."""
        is_there = any(file.kind == "customer" for file in self.files)
        return super().incomplete_kinds | (frozenset() if is_there else {"customer"})

    @cached_property
    def dropped_names(self) -> frozenset[str]:
        """The names of purchases, adjustments, requests and entries that could not be read.

        Of an entry it is the full name, of a time file as a whole the file's.
        """
        names: set[str] = set()
        for place, file in self._read:
            prefix = f"{place.name}/" if place.kind == "time" else ""
            names |= {prefix + each for each in file.dropped_ids}
            if place.name and not (file.is_whole or file.records or file.dropped_ids):
                names.add(place.name)  # of a request, or of a time file
        return frozenset(names)

    @cached_property
    def attachments(self) -> Mapping[str, set[str]]:
        """The names of the files that are there beside each request, by the request's id."""
        found: dict[str, set[str]] = defaultdict(set)
        for place, _file in self._read:
            if place.kind == ATTACHMENT_KIND:
                request, _, name = place.name.partition("/")
                found[request].add(name)
        return found

    def name_place(self, record: Record, key: str, seen_from: Record) -> str:
        """Return where ``record`` is, as a message about another one says it: ``line 3``."""
        file, path = self.locate(record)
        line = self._places[file].find((*path, key)).line
        is_same_file = file == self.locate(seen_from)[0]
        return f"line {line}" if is_same_file else f"line {line} of {file.rpartition('/')[2]}"


def make_file_problem(
    rule: str, file: str, message: str, hint: str = "", severity: Severity = Severity.ERROR
) -> Problem:
    """Return a problem that points at a file as a whole, by its path in the work tree."""
    position = SourcePosition(make_printable(file))
    return Problem(rule, position, make_printable(message), make_printable(hint), severity)


@cache
def find_adapter(kind: str) -> TypeAdapter[Any]:
    """Return what makes the records of a kind of file from its plain value."""
    return TypeAdapter(FILE_TYPES[kind].content)


def _judge(
    kind: str, data: PlainValue, marketplace: str
) -> tuple[tuple[Any, ...], Sequence[int], list[Finding], int]:
    """Return the good records, where they stand in the file's list, and what is wrong.

    Of very much that is wrong it is the first, and how much more there is.
    """
    try:
        made = find_adapter(kind).validate_python(data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        rest = iter(errors)
        findings = list(islice(explain_errors(rest, kind, data, marketplace), MOST_IN_FILE))
        left = sum(1 for _ in rest)
        bad = {details["loc"][0] for details in errors if details["loc"]}
        if kind in SINGLE_KINDS or not bad:
            return (), (), findings, left
        good = [index for index in range(len(data)) if index not in bad]
        # What is asked of the list as a whole is asked only when no item is bad.
        records, indices, more, _left = _judge(kind, [data[index] for index in good], marketplace)
        moved = (each._replace(path=(good[int(each.path[0])], *each.path[1:])) for each in more)
        return records, [good[index] for index in indices], [*findings, *moved], left
    records = (made,) if kind in SINGLE_KINDS else tuple(made)
    return records, range(len(records)), [], 0
