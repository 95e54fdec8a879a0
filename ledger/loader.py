"""The door: a ledger in the work tree or at a revision, to records and problems.

Whoever wants to know anything of a ledger comes through ``open_ledger``. Customers are read one
at a time, and only those that are asked for, so that memory does not grow with the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ledger.errors import LedgerError, Problem, UnknownNameError
from ledger.files.source import FileKind, FolderFiles, LedgerFile, LedgerFiles, RevisionFiles
from ledger.git import GitRepository
from ledger.reading.file_layout import (
    DEFAULT_FOLDER,
    ORGANIZATION_FILES,
    Misplaced,
    Place,
    is_slug,
    place_file,
    sort_into_places,
)
from ledger.text import suggest_name

if TYPE_CHECKING:
    # What reads records is not needed by whoever finds all in the cache.
    from ledger.reading.customer_folder import CustomerFolder
    from ledger.reading.organization import Organization

ORGANIZATION_PLACES = tuple(f"{name}.yml" for name in ORGANIZATION_FILES)
_FILE_NAME_RULE = "file-name"


class EntryIds(NamedTuple):
    """The ids of what is in a ledger's folder, by name; None where it differs from the commit.

    Attributes:
        customers: the trees of the customers' folders; of some only deleted files may be left.
        organization: the organization's files.
        has_others: something else is there, or the ids are not known.
    """

    customers: Mapping[str, str | None]
    organization: Mapping[str, str | None]
    has_others: bool


class Ledger:
    """A ledger: the organization's files, and the customers' to be read when asked for.

    Attributes:
        files: where the files come from.
        repository: the repository they are in; None for a plain folder.
    """

    def __init__(
        self,
        files: LedgerFiles,
        listed: Sequence[LedgerFile] | None = None,
        repository: GitRepository | None = None,
        root: Path | None = None,
    ) -> None:
        """Take the files ``listed``, or list them when something is asked for if None."""
        self.files = files
        self.root = root
        self.repository = repository
        self._listed = listed
        self._with_organization: Ledger | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Files and folders that are not where they belong."""
        return self._sorted.problems

    @property
    def slugs(self) -> tuple[str, ...]:
        """The customers' folder names, sorted."""
        return tuple(sorted(self._customer_files))

    @cached_property
    def organization(self) -> Organization:
        """The provider, the terms and the consultants."""
        from ledger.reading.organization import read_organization

        if self._listed is None and "_sorted" not in self.__dict__:
            return (self._with_organization or self.select(ORGANIZATION_PLACES)).organization
        return read_organization(self.files, self._sorted.organization_files)

    @cached_property
    def entry_ids(self) -> EntryIds:
        """The ids of what is in the ledger's folder, as Git said when it was first asked."""
        return self.find_entry_ids()

    def find_entry_ids(self) -> EntryIds:
        """Ask Git for the ids of what is in the ledger's folder; None for what differs."""
        repository, files = self.repository, self.files
        is_commit = isinstance(files, RevisionFiles)
        commit = files.commit if isinstance(files, RevisionFiles) else None
        if repository is None or (is_commit and commit is None):
            return EntryIds(dict.fromkeys(self.slugs), {}, has_others=True)
        changed = set[str]()
        if not is_commit:
            commit = repository.find_head()
            paths = repository.list_changes(files.prefix)
            changed = {path.partition("/")[0] for path in paths}
        entries = repository.list_entries(commit, files.prefix) if commit else {}
        customers, organization = dict[str, str | None](), dict[str, str | None]()
        has_others = False
        for name in sorted({*entries, *changed}):
            entry = entries.get(name)
            entry_id = None if entry is None or name in changed else entry.object_id
            if name in ORGANIZATION_PLACES and (entry is None or entry.is_file):
                organization[name] = entry_id
            elif is_slug(name) and (entry is None or entry.file.kind is FileKind.FOLDER):
                customers[name] = entry_id
            else:
                has_others = True
        return EntryIds(customers, organization, has_others)

    @property
    def tree_ids(self) -> Mapping[str, str | None]:
        """The id of each customer's tree in the commit; None where the files differ from it."""
        return self.entry_ids.customers

    @property
    def organization_ids(self) -> Mapping[str, str | None]:
        """The ids of the organization's files in the commit; None where a file differs."""
        return self.entry_ids.organization

    def select(self, places: Sequence[str]) -> Ledger:
        """Return the ledger with the files at or below some places alone."""
        listed = self.files.list_files(places)
        selected = Ledger(self.files, listed, self.repository, self.root)
        if {*ORGANIZATION_PLACES} <= {*places}:
            self._with_organization = selected  # They need not be listed once more.
        return selected

    @cached_property
    def revision(self) -> str | None:
        """The commit whose files these are; None where they differ from the last commit."""
        if isinstance(self.files, RevisionFiles):
            return self.files.commit
        if self.repository is None or self.repository.has_changes(self.files.prefix):
            return None
        return self.repository.find_head()

    def list_customer_files(self, slug: str) -> tuple[LedgerFile, ...]:
        """Return the files of one customer that are where they belong, sorted by path."""
        return tuple(sorted(file for file, _place in self._customer_files.get(slug, ())))

    def list_organization_files(self) -> tuple[LedgerFile, ...]:
        """Return the organization's files, sorted by path."""
        return tuple(sorted(self._sorted.organization_files.values()))

    def read_customer(self, slug: str) -> CustomerFolder:
        """Read one customer's folder.

        Raises:
            UnknownNameError: there is no such folder.
        """
        from ledger.reading.customer_folder import read_customer_folder

        if slug not in self._customer_files:
            raise UnknownNameError(f"there is no customer {slug!r}", suggest_name(slug, self.slugs))
        provider = self.organization.provider
        marketplace = provider.links.marketplace if provider is not None else ""
        return read_customer_folder(self.files, slug, self._customer_files[slug], marketplace)

    def read_customers(self, slugs: Iterable[str] = ()) -> Iterator[CustomerFolder]:
        """Read the folders of the customers named, or of all, one after the other."""
        for slug in tuple(slugs) or self.slugs:
            yield self.read_customer(slug)

    @property
    def _customer_files(self) -> Mapping[str, list[tuple[LedgerFile, Place]]]:
        return self._sorted.customer_files

    @cached_property
    def _sorted(self) -> _SortedFiles:
        return self._sort(self.files.list_files() if self._listed is None else self._listed)

    def _sort(self, listed: Sequence[LedgerFile]) -> _SortedFiles:
        from ledger.reading.source_texts import SourceTexts

        texts = SourceTexts(self.files.prefix)
        placed, misplaced = sort_into_places(listed)
        organization: dict[str, LedgerFile] = {}
        customers: dict[str, list[tuple[LedgerFile, Place]]] = {}
        for file, place in placed:
            if place.customer is None:
                organization[place.kind] = file
            else:
                customers.setdefault(place.customer, []).append((file, place))
        problems = tuple(
            texts.make_problem(_FILE_NAME_RULE, wrong.path, None, wrong.message, wrong.hint)
            for wrong in misplaced
        )
        return _SortedFiles(organization, customers, problems)


class _SortedFiles(NamedTuple):
    """The organization's files by kind, the customers' by slug, and what is misplaced."""

    organization_files: Mapping[str, LedgerFile]
    customer_files: Mapping[str, list[tuple[LedgerFile, Place]]]
    problems: tuple[Problem, ...]


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
        ledger_folder, prefix = find_folder(around, repository, is_named=folder is not None)
        files = _open_files(ledger_folder, prefix, repository, revision, customers)
        root = repository.root if repository is not None else None
        listed = None
        if customers or not _is_surely_ledger(files):
            listed = files.list_files(list_places(customers))
            _check_is_ledger(listed, folder or ledger_folder)
        ledger = Ledger(files, listed, repository, root)
        if customers and (unknown := sorted(set(customers) - set(ledger.slugs))):
            raise _explain_unknown_customer(unknown[0], files, ledger_folder, repository, revision)
        yield ledger


def find_commit(ledger: Ledger, repository: GitRepository) -> str | None:
    """Return the commit that a ledger's files are of, or that its work tree was made from."""
    if isinstance(ledger.files, RevisionFiles):
        return ledger.files.commit
    return repository.find_head()


@contextmanager
def open_staged_ledger(folder: Path | None = None, index: Path | None = None) -> Iterator[Ledger]:
    """Open the ledger as the next commit will have it.

    Args:
        folder: see ``open_ledger``.
        index: the index file to take; the repository's own if None.

    Raises:
        LedgerError: there is no repository, or no ledger is staged.
    """
    around = (folder or Path.cwd()).absolute()
    with GitRepository.open_around(around) as repository:
        ledger_folder, prefix = find_folder(around, repository, is_named=folder is not None)
        files = repository.open_staged(prefix, index)
        listed = files.list_files()
        _check_is_ledger(listed, folder or ledger_folder)
        yield Ledger(files, listed, repository, repository.root)


def _enter_repository(stack: ExitStack, around: Path, *, needed: bool) -> GitRepository | None:
    try:
        return stack.enter_context(GitRepository.open_around(around))
    except LedgerError:
        if needed:
            raise
        return None


def find_folder(
    around: Path, repository: GitRepository | None, *, is_named: bool
) -> tuple[Path, str]:
    """Return the ledger's folder and its path from the root of the work tree.

    Args:
        around: the folder that was named, or one in the work tree.
        repository: what it is in.
        is_named: whether somebody named the ledger's folder.

    Raises:
        LedgerError: the folder is a link that leads out of the repository.
    """
    root = repository.root if repository is not None else None
    if not is_named:
        folder = (root or around) / DEFAULT_FOLDER
    elif _has_organization(around) or not (around / DEFAULT_FOLDER).is_dir():
        folder = around
    else:
        folder = around / DEFAULT_FOLDER
    if root is None:
        return folder, f"{DEFAULT_FOLDER}/" if repository is not None else f"{folder.name}/"
    real, top = folder.resolve(), root.resolve()
    if not real.is_relative_to(top):
        raise LedgerError(
            f"{folder} is a link that leads out of its repository", "put the ledger itself there"
        )
    relative = real.relative_to(top).as_posix()
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
        places = list_places(customers)
        return repository.open_revision("HEAD" if revision is None else revision, prefix, places)
    if not folder.is_dir():
        raise LedgerError(
            f"there is no ledger: {repository.root} has no folder {prefix}",
            "name the ledger's folder with --ledger, or make one with `punchcard init`",
        )
    return FolderFiles(folder, prefix, partial(repository.list_work_tree, prefix))


def list_places(customers: Sequence[str]) -> tuple[str, ...]:
    """Return what to list for some customers; a name that can be no folder's is not looked for."""
    return (*ORGANIZATION_PLACES, *filter(is_slug, customers)) if customers else ()


def _is_surely_ledger(files: LedgerFiles) -> bool:
    """Whether one file shows that this is a ledger, so that none need be listed."""
    return isinstance(files, FolderFiles) and (files.folder / ORGANIZATION_PLACES[0]).is_file()


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
