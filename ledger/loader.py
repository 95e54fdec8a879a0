"""The door: a ledger in the work tree or at a revision, to records and problems.

Whoever wants to know anything of a ledger comes through ``open_ledger``. Customers are read one
at a time, and only those that are asked for, so that memory does not grow with the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from ledger.customer_folder import CustomerFolder, read_customer_folder
from ledger.errors import LedgerError, Problem, UnknownNameError
from ledger.file_layout import (
    ORGANIZATION_FILES,
    Misplaced,
    Place,
    find_case_clashes,
    is_slug,
    place_file,
)
from ledger.file_reader import FILE_NAME_RULE
from ledger.git_repository import GitRepository, RevisionFiles
from ledger.ledger_files import FolderFiles, LedgerFile, LedgerFiles
from ledger.nearest_name import suggest_name
from ledger.organization import Organization, read_organization
from ledger.source_texts import SourceTexts

DEFAULT_FOLDER = "customers"


class Ledger:
    """A ledger: the organization's files, and the customers' to be read when asked for.

    Attributes:
        files: where the files come from.
        problems: files and folders that are not where they belong.
    """

    def __init__(
        self,
        files: LedgerFiles,
        listed: Sequence[LedgerFile],
        repository: GitRepository | None = None,
        root: Path | None = None,
    ) -> None:
        self.files = files
        self.root = root
        self._repository = repository
        self._organization_files: dict[str, LedgerFile] = {}
        self._customer_files: dict[str, list[tuple[LedgerFile, Place]]] = {}
        self.problems: tuple[Problem, ...] = tuple(self._sort_into_places(listed))

    @property
    def slugs(self) -> tuple[str, ...]:
        """The customers' folder names, sorted."""
        return tuple(sorted(self._customer_files))

    @cached_property
    def organization(self) -> Organization:
        """The provider, the terms and the consultants."""
        return read_organization(self.files, self._organization_files)

    @cached_property
    def revision(self) -> str | None:
        """The commit whose files these are; None where they differ from the last commit."""
        if isinstance(self.files, RevisionFiles):
            return self.files.commit
        if self._repository is None or self._repository.has_changes(self.files.prefix):
            return None
        return self._repository.find_head()

    def read_customer(self, slug: str) -> CustomerFolder:
        """Read one customer's folder.

        Raises:
            UnknownNameError: there is no such folder.
        """
        if slug not in self._customer_files:
            raise UnknownNameError(f"there is no customer {slug!r}", suggest_name(slug, self.slugs))
        return read_customer_folder(self.files, slug, self._customer_files[slug])

    def read_customers(self, slugs: Iterable[str] = ()) -> Iterator[CustomerFolder]:
        """Read the folders of the customers named, or of all, one after the other."""
        for slug in tuple(slugs) or self.slugs:
            yield self.read_customer(slug)

    def _sort_into_places(self, listed: Sequence[LedgerFile]) -> Iterator[Problem]:
        texts = SourceTexts(self.files.prefix)
        clashes = dict(find_case_clashes(file.path for file in listed))
        for clash, earlier in clashes.items():
            message = f"differs from {earlier.rpartition('/')[2]!r} only in case"
            yield texts.make_problem(FILE_NAME_RULE, clash, None, message, "rename one of the two")
        misplaced: dict[str, Misplaced] = {}
        for file in listed:
            place = place_file(file.path)
            if isinstance(place, Misplaced):
                misplaced.setdefault(place.path, place)
            elif place.customer is None:
                self._organization_files[place.kind] = file
            else:
                self._customer_files.setdefault(place.customer, []).append((file, place))
        for path, wrong in misplaced.items():
            if path not in clashes:
                yield texts.make_problem(FILE_NAME_RULE, path, None, wrong.message, wrong.hint)


@contextmanager
def open_ledger(
    folder: Path | None = None,
    revision: str | None = None,
    customers: Sequence[str] = (),
    start: Path | None = None,
) -> Iterator[Ledger]:
    """Open the ledger in ``folder``, or in ``customers/`` of the work tree around ``start``.

    Args:
        folder: the ledger's folder, or the root of a work tree that has it.
        revision: a branch, tag or commit to read instead of the work tree.
        customers: list the files of these customers only; all if none are named.
        start: where to look for the work tree; the current folder if None.

    Raises:
        LedgerError: there is no ledger there, no repository, or no such revision.
        UnknownNameError: there is no such customer.
    """
    with ExitStack() as stack:
        around = (folder or start or Path.cwd()).absolute()
        if folder is not None and not around.is_dir() and revision is None:
            raise LedgerError(f"there is no folder {folder}", "name the ledger's folder")
        needs_repository = folder is None or revision is not None
        repository = _enter_repository(stack, around, needed=needs_repository)
        ledger_folder, prefix = _find_folder(around, repository, is_named=folder is not None)
        files = _open_files(ledger_folder, prefix, repository, revision, customers)
        listed = files.list_files(_list_places(customers))
        root = repository.root if repository is not None else None
        ledger = Ledger(files, listed, repository, root)
        _check_is_ledger(listed, folder or ledger_folder)
        if unknown := sorted(set(customers) - set(ledger.slugs)):
            raise _explain_unknown_customer(unknown[0], files, ledger_folder, repository, revision)
        yield ledger


def _enter_repository(stack: ExitStack, around: Path, *, needed: bool) -> GitRepository | None:
    try:
        return stack.enter_context(GitRepository.open_around(around))
    except LedgerError:
        if needed:
            raise
        return None


def _find_folder(
    around: Path, repository: GitRepository | None, *, is_named: bool
) -> tuple[Path, str]:
    """Return the ledger's folder and its path from the root of the work tree."""
    root = repository.root if repository is not None else None
    if not is_named:
        folder = (root or around) / DEFAULT_FOLDER
    elif _has_organization(around) or not (around / DEFAULT_FOLDER).is_dir():
        folder = around
    else:
        folder = around / DEFAULT_FOLDER
    if root is None:
        return folder, f"{DEFAULT_FOLDER}/" if repository is not None else f"{folder.name}/"
    relative = folder.resolve().relative_to(root.resolve()).as_posix()
    return folder, "" if relative == "." else f"{relative}/"


def _has_organization(folder: Path) -> bool:
    return any((folder / f"{name}.yml").exists() for name in ORGANIZATION_FILES)


def _open_files(
    folder: Path,
    prefix: str,
    repository: GitRepository | None,
    revision: str | None,
    customers: Sequence[str],
) -> LedgerFiles:
    if repository is None:
        return FolderFiles(folder, prefix)
    if revision is not None or repository.root is None:
        return repository.open_revision(revision or "HEAD", prefix)
    if not folder.is_dir():
        raise LedgerError(
            f"there is no ledger: {repository.root} has no folder {prefix}",
            "name the ledger's folder with --ledger, or make one with `punchcard init`",
        )
    names = repository.list_work_tree(prefix, _list_places(customers))
    return FolderFiles(folder, prefix, names)


def _list_places(customers: Sequence[str]) -> tuple[str, ...]:
    """Return what to list for some customers; a name that can be no folder's is not looked for."""
    organization = tuple(f"{name}.yml" for name in ORGANIZATION_FILES)
    return (*organization, *filter(is_slug, customers)) if customers else ()


def _check_is_ledger(listed: Sequence[LedgerFile], folder: Path) -> None:
    if not any(_shows_ledger(place_file(file.path)) for file in listed):
        raise LedgerError(
            f"{folder} is no ledger: it has no provider.yml and no customer's folder",
            "name the ledger's folder with --ledger",
        )


def _shows_ledger(place: Place | Misplaced) -> bool:
    return isinstance(place, Place) and place.kind in {*ORGANIZATION_FILES, "customer"}


def _explain_unknown_customer(
    slug: str,
    files: LedgerFiles,
    folder: Path,
    repository: GitRepository | None,
    revision: str | None,
) -> UnknownNameError:
    everything = _open_files(folder, files.prefix, repository, revision, ())
    slugs = Ledger(everything, everything.list_files()).slugs
    hint = suggest_name(slug, slugs) or f"customers: {', '.join(slugs[:8])}"
    return UnknownNameError(f"there is no customer {slug!r}", hint)
