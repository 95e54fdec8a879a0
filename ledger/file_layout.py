"""Where each file of a ledger belongs, and what is wrong with the name of one that does not.

Paths are relative to the ledger's folder, with ``/`` between the parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.nearest_name import suggest_name
from ledger.scalars import HANDLE_PATTERN, KEY_PATTERN, SLUG_PATTERN

ORGANIZATION_FILES = ("provider", "terms", "consultants")
CUSTOMER_FILES = ("customer", "accounts", "purchases", "adjustments")
CUSTOMER_FOLDERS = ("requests", "time")

_SLUG = re.compile(SLUG_PATTERN)
_REQUEST_ID = re.compile(KEY_PATTERN.removesuffix("$") + "-[1-9][0-9]{0,8}$")
_SHEET = re.compile("^[0-9]{4}-(0[1-9]|1[0-2])-" + HANDLE_PATTERN.removeprefix("^"))
_SUFFIX = ".yml"
_ORGANIZATION_NAMES = tuple(name + _SUFFIX for name in ORGANIZATION_FILES)
_CUSTOMER_NAMES = tuple(name + _SUFFIX for name in CUSTOMER_FILES)


class Place(NamedTuple):
    """Where a file belongs.

    Attributes:
        kind: what it holds, a key of ``models.FILE_TYPES``.
        customer: the folder it is in; None for a file of the organization.
        name: the request's id or the time sheet's name; empty for other kinds.
    """

    kind: str
    customer: str | None = None
    name: str = ""


class Misplaced(NamedTuple):
    """A file or folder that is not where it belongs; ``path`` is the part that is wrong."""

    path: str
    message: str
    hint: str


def place_file(path: str) -> Place | Misplaced:
    """Return where a file belongs, or what is wrong with its path."""
    parts = path.split("/")
    if len(parts) == 1:
        return _place_organization_file(path)
    customer = parts[0]
    if not is_slug(customer):
        return Misplaced(
            customer,
            f"{customer!r} is no name for a customer's folder",
            "use up to 39 of a-z, 0-9 and -, beginning with a letter or digit",
        )
    return _place_customer_file(path, customer, parts[1:])


def is_slug(name: str) -> bool:
    """Whether ``name`` can be the name of a customer's folder."""
    return _SLUG.fullmatch(name) is not None


def find_case_clashes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each file or folder whose name differs from an earlier one's only in case."""
    seen: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            partial = "/".join(parts[:depth])
            folded = unicodedata.normalize("NFKC", partial).casefold()
            earlier = seen.setdefault(folded, partial)
            if earlier != partial:
                yield partial, earlier
                break


def request_path(customer: str, request: str) -> str:
    """Return the path of a request's file."""
    return f"{customer}/requests/{request}{_SUFFIX}"


def sheet_path(customer: str, sheet: str) -> str:
    """Return the path of a time file."""
    return f"{customer}/time/{sheet}{_SUFFIX}"


def record_path(customer: str, kind: str) -> str:
    """Return the path of a customer's file of the given kind."""
    return f"{customer}/{kind}{_SUFFIX}"


def _place_organization_file(name: str) -> Place | Misplaced:
    if name in _ORGANIZATION_NAMES:
        return Place(name.removesuffix(_SUFFIX))
    return Misplaced(
        name,
        f"{name} does not belong beside the customers' folders",
        _suggest_file(name, _ORGANIZATION_NAMES),
    )


def _place_customer_file(path: str, customer: str, rest: list[str]) -> Place | Misplaced:
    name = rest[-1]
    if len(rest) == 1:
        if name in _CUSTOMER_NAMES:
            return Place(name.removesuffix(_SUFFIX), customer)
        return Misplaced(
            path,
            f"{name} does not belong in a customer's folder",
            _suggest_file(name, _CUSTOMER_NAMES),
        )
    if rest[0] not in CUSTOMER_FOLDERS or len(rest) > 2:  # noqa: PLR2004  # folder and file
        wrong = "/".join([customer, *rest[: 1 if rest[0] not in CUSTOMER_FOLDERS else 2]])
        return Misplaced(
            wrong,
            f"the folder {wrong.rpartition('/')[2]!r} does not belong here",
            _suggest_file(rest[0], CUSTOMER_FOLDERS),
        )
    if rest[0] == "requests":
        return _place_named_file(
            path, Place("request", customer), _REQUEST_ID, "KEY-NUMBER.yml, like ACME-12.yml"
        )
    return _place_named_file(
        path, Place("time", customer), _SHEET, "YYYY-MM-consultant.yml, like 2026-11-alice.yml"
    )


def _place_named_file(
    path: str, place: Place, form: re.Pattern[str], example: str
) -> Place | Misplaced:
    name = path.rpartition("/")[2]
    stem = name.removesuffix(_SUFFIX)
    if name.endswith(_SUFFIX) and form.fullmatch(stem):
        return place._replace(name=stem)
    what = "request" if place.kind == "request" else "time"
    return Misplaced(path, f"{name} is no name for a {what} file", f"name it {example}")


def _suggest_file(wrong: str, names: tuple[str, ...]) -> str:
    return suggest_name(wrong, names) or f"here may stand {', '.join(names)}"
