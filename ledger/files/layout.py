"""Where each file of a ledger belongs, and what is wrong with the name of one that does not.

Paths are relative to the ledger's folder, with ``/`` between the parts.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.files.source import FileKind, LedgerFile
from ledger.models.fields import ATTACHMENT, BRAND_FILE, HANDLE, KEY, SLUG_PATTERN
from ledger.text import suggest_name

DEFAULT_FOLDER = "customers"
"""Where a ledger is in its repository."""

ATTACHMENT_KIND = "attachment"
BRAND_KIND = "brand"
ORGANIZATION_FILES = ("provider", "terms", "consultants")
_SUFFIX = ".yml"
_ORGANIZATION_NAMES = tuple(name + _SUFFIX for name in ORGANIZATION_FILES)
ORGANIZATION_PLACES = (*_ORGANIZATION_NAMES, BRAND_KIND)
"""The organization's files, and the folder of its pictures and texts."""
_CUSTOMER_NAMES = ("customer.yml", "accounts.yml", "purchases.yml", "adjustments.yml")
_SLUG = SLUG_PATTERN.strip("^$")
_REQUEST_ID = KEY.pattern.strip("^$") + "-[1-9][0-9]{0,8}"
_SHEET = "[0-9]{4}-(?:0[1-9]|1[0-2])-" + HANDLE.pattern.strip("^$")
_PLACE = re.compile(
    rf"""
    (?P<organization>{"|".join(ORGANIZATION_FILES)})[.]yml
    | (?P<brand>{BRAND_FILE.pattern.strip("^$")})
    | (?!brand/)(?P<customer>{_SLUG})/ (?:
        (?P<record>customer|accounts|purchases|adjustments)[.]yml
        | requests/ (?P<request>{_REQUEST_ID})[.]yml
        | requests/ (?P<attachment>{_REQUEST_ID}/{ATTACHMENT.pattern.strip("^$")})
        | time/ (?P<time>{_SHEET})[.]yml
    )""",
    re.VERBOSE,
)
"""Where each file belongs; the last group is its kind, or what its name says it is."""
_COPY = re.compile("[.]ya?ml.", re.IGNORECASE)  # alice.yml.bak, alice.yml~
_LOOSE_SHEET = re.compile("([0-9]{4})[-_ ]?([0-9]{1,2})[-_ ](.+)")
_DELETE_COPY = "delete it, or keep it outside of the ledger"
_NAMED_KINDS = {
    "requests": ("request", _REQUEST_ID, "KEY-NUMBER.yml, like ACME-12.yml"),
    "time": ("time", _SHEET, "YYYY-MM-consultant.yml, like 2026-11-alice.yml"),
}
# The paths of files: by their customer, the request or what else it is of, and their names.
request_path = "{}/requests/{}.yml".format
attachment_path = "{}/requests/{}/{}".format
sheet_path = "{}/time/{}.yml".format
record_path = "{}/{}.yml".format


class Place(NamedTuple):
    """Where a file belongs; ``kind`` is a key of ``models.FILE_TYPES``.

    ``customer`` is None for a file of the organization, ``name`` is the request's id or the time
    sheet's name. Two kinds hold no records: an ``attachment`` that came with a request, whose
    ``name`` is the request's id and its own, ``ACME-12/<sha256>-<name>``, and what lies in the
    folder ``brand``, whose ``name`` is its path.
    """

    kind: str
    customer: str | None = None
    name: str = ""


class Misplaced(NamedTuple):
    """A file or folder that is not where it belongs; ``path`` is the part that is wrong."""

    path: str
    message: str
    hint: str


def sort_into_places(
    files: Iterable[LedgerFile],
) -> tuple[list[tuple[LedgerFile, Place]], list[Misplaced]]:
    """Return the files that are where they belong, and what is wrong with the others, once each."""
    listed = list(files)
    placed: list[tuple[LedgerFile, Place]] = []
    misplaced = {wrong.path: wrong for wrong in _find_clashes(file.path for file in listed)}
    for file in listed:
        place = place_file(file.path)
        if isinstance(place, Place):
            placed.append((file, place))
        else:
            wrong = place if file.kind is FileKind.FILE else describe_special_file(file)
            misplaced.setdefault(wrong.path, wrong)
    return placed, list(misplaced.values())


def place_file(path: str) -> Place | Misplaced:
    """Return where a file belongs, or what is wrong with its path."""
    found = _PLACE.fullmatch(path)
    if found is None:
        return _explain_path(path)
    kind = found.lastgroup or ""
    if kind in {"organization", "record"}:
        return Place(found[kind], found["customer"])
    return Place(kind, found["customer"], found[kind])


def describe_special_file(file: LedgerFile) -> Misplaced:
    """Return what to say of a symbolic link, a submodule or a special file."""
    hint = "put the file itself here, or delete it"
    return Misplaced(file.path, f"a {file.kind.value}, not a file", hint)


def is_slug(name: str) -> bool:
    """Whether ``name`` can be the name of a customer's folder."""
    return name != BRAND_KIND and re.fullmatch(_SLUG, name) is not None


def is_request_id(name: str) -> bool:
    """Whether ``name`` can be the id of a request."""
    return re.fullmatch(_REQUEST_ID, name) is not None


def _explain_path(path: str) -> Misplaced:
    """Return what is wrong with the path of a file that is not where it belongs."""
    wrong, (folder, *rest) = path, path.split("/")
    match rest:
        case []:
            message = f"{path} does not belong beside the customers' folders"
            hint = _suggest_file(path, _ORGANIZATION_NAMES)
        case _ if folder == BRAND_KIND:
            message = f"{'/'.join(rest)} does not belong in the folder {BRAND_KIND}"
            hint = "here stand pictures and texts, like logo.svg and terms.md"
        case _ if folder in _ORGANIZATION_NAMES:
            return _refuse_folder(folder)
        case _ if not is_slug(folder):
            wrong, message = folder, f"{folder!r} is no name for a customer's folder"
            hint = "use up to 39 of a-z, 0-9 and -, beginning with a letter or digit"
        case [name]:
            message = f"{name} does not belong in a customer's folder"
            hint = _suggest_file(name, _CUSTOMER_NAMES)
        case [name, *_] if name in _CUSTOMER_NAMES:
            return _refuse_folder(f"{folder}/{name}")
        case [inner, *_] if inner not in _NAMED_KINDS:
            wrong = f"{folder}/{inner}"
            message = f"the folder {inner!r} does not belong in a customer's folder"
            hint = _suggest_file(inner, tuple(_NAMED_KINDS))
        case [inner, request, _, *_] if inner != "requests" or not is_request_id(request):
            wrong = f"{folder}/{inner}/{request}"
            message = f"the folder {request!r} does not belong in {inner}/"
            hint = f"move its files to {inner}/"
        case [inner, *names]:
            message, hint = _explain_name(inner, *names)
    return Misplaced(wrong, message, hint)


def _explain_name(folder: str, name: str, *below: str) -> tuple[str, str]:
    """Return what is wrong with the name of a file of a request, of time, or of what came in."""
    if below:
        message = f"{below[0]} is no name for what came with a request"
        return message, f"here stands {ATTACHMENT.example}, and nothing else"
    kind, form, example = _NAMED_KINDS[folder]
    meant = _find_meant_stem(name, kind)
    hint = f"name it {meant}{_SUFFIX}" if re.fullmatch(form, meant) else f"name it {example}"
    return f"{name} is no name for a {kind} file", _DELETE_COPY if _COPY.search(name) else hint


def _find_meant_stem(name: str, kind: str) -> str:
    """Return the stem that a file's name nearly has: its case, zeros and suffix put right."""
    stem = re.sub("[.](ya?ml|txt)$", "", name, flags=re.IGNORECASE)
    if kind == "request":
        return re.sub("[-_ ]?0*([0-9]+)$", r"-\1", stem.upper())
    match = _LOOSE_SHEET.fullmatch(stem.lower())
    return f"{match[1]}-{match[2]:0>2}-{match[3]}" if match else stem


def _refuse_folder(path: str) -> Misplaced:
    name = path.rpartition("/")[2]
    return Misplaced(path, f"{name} is a folder, but must be a file", "put the file itself here")


def _find_clashes(paths: Iterable[str]) -> Iterator[Misplaced]:
    """Yield each file or folder that some computers cannot keep beside an earlier one."""
    seen: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            partial = "/".join(parts[:depth])
            folded = unicodedata.normalize("NFKC", partial).casefold()
            earlier = seen.setdefault(folded, partial)
            if earlier != partial:
                other = earlier.rpartition("/")[2]
                is_case = partial.casefold() == earlier.casefold()
                how = "only in case" if is_case else "in no letter that one sees"
                message = f"the name differs from {other!r} {how}"
                yield Misplaced(partial, message, "rename one of the two")
                break


def _suggest_file(wrong: str, names: tuple[str, ...]) -> str:
    if _COPY.search(wrong):
        return _DELETE_COPY
    return suggest_name(wrong, names) or f"here may stand {', '.join(names)}"
