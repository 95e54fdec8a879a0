"""The door: a ledger in the work tree or at a revision, to records and problems.

Everything that reads a ledger begins with ``open_ledger``. Customers are read one at a time, and
only those that are asked for, so that memory does not grow with the ledger.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path, PurePath, PurePosixPath

from ledger.errors import LedgerError, Problem, UnknownNameError
from ledger.files.layout import (
    DEFAULT_FOLDER,
    ORGANIZATION_FILES,
    ORGANIZATION_PLACES,
    Misplaced,
    Place,
    is_slug,
    sort_into_places,
)
from ledger.files.reader import FILE_NAME_RULE, CustomerFolder, Organization, make_file_problem
from ledger.files.source import (
    CONVERSIONS,
    FolderFiles,
    LedgerFile,
    LedgerFiles,
    RevisionFiles,
    is_under,
    parse_attributes,
)
from ledger.git import GitRepository
from ledger.text import suggest_name


class Ledger:
    """A ledger: the organization's files, and the customers' to be read when asked for.

    ``repository`` is None for a plain folder. Only what is at or below some ``places`` is there, if
    any are given; it is listed when something is asked for.
    """

    def __init__(
        self,
        files: LedgerFiles,
        repository: GitRepository | None = None,
        places: Sequence[str] = (),
    ) -> None:
        self.files = files
        self.repository = repository
        self._places = tuple(places)

    @property
    def root(self) -> Path | None:
        """The root of the work tree, if there is one."""
        return None if self.repository is None else self.repository.root

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Files and folders that are not where they belong, and files that Git hides."""
        hidden: dict[tuple[str, str], list[str]] = {}
        for path, why in sorted((self.hidden or self.converted).items()):
            if is_under(path, self._places):
                hidden.setdefault(why, []).append(path)
        found = [*self._sorted[1]]
        for (what, hint), (path, *more) in hidden.items():
            others = f", as {len(more)} more are" if more else ""
            message = f"Git hides what is committed here: the file {what}{others}"
            found.append(Misplaced(path, message, hint))
        return tuple(
            make_file_problem(FILE_NAME_RULE, self.files.prefix + path, message, hint)
            for path, message, hint in found
        )

    @cached_property
    def hidden(self) -> Mapping[str, tuple[str, str]]:
        """The files that may differ from the commit though Git calls them unchanged, and why."""
        if self.repository is None or not isinstance(self.files, FolderFiles):
            return {}
        return self.repository.find_hidden(self.files.prefix)

    @cached_property
    def converted(self) -> Mapping[str, tuple[str, str]]:
        """The files of a commit of which every work tree would have other bytes, and why."""
        if self.repository is None or not isinstance(self.files, RevisionFiles):
            return {}
        # Only files above and in the ledger count; what else a commit has may be without end.
        commit, prefix, name = self.files.commit or "", self.files.prefix, ".gitattributes"
        folders = (PurePosixPath(prefix, place, name) for place in self._places or ("",))
        above = sorted({str(each / name) for folder in folders for each in folder.parents})
        where = [*(f":(top,literal){path}" for path in above), f":(top,glob){prefix}**/{name}"]
        looked_up = ("grep", "--quiet", "--extended-regexp", "|".join(CONVERSIONS), commit)
        if not commit or self.repository.ask(*looked_up, "--", *where) is None:
            return {}
        found_above = self.repository.open_commit(commit, "", above).blobs
        in_ledger = {prefix + path: blob for path, blob in self.files.blobs.items()}
        entries = "".join(
            f"100644 {blob.object_id}\t{path}\0"
            for path, blob in (in_ledger | dict(found_above)).items()
            if PurePosixPath(path).name == name
        )
        with tempfile.TemporaryDirectory() as scratch:
            index, run = {"GIT_INDEX_FILE": f"{scratch}/index"}, self.repository.run
            fill = ("update-index", "-z", "--index-info")
            run(*fill, stdin=os.fsencode(entries), environment=index)
            listed = self.files.list_files(self._places)
            names = os.fsencode("".join(f"{self.files.prefix}{file.path}\0" for file in listed))
            how = ("check-attr", "--cached", "-z", "--stdin", *CONVERSIONS)
            found = parse_attributes(run(*how, stdin=names, environment=index))
        return {path.removeprefix(self.files.prefix): why for path, why in found.items()}

    def require_visible_files(self) -> None:
        """Raise a LedgerError if Git hides that files differ from the commit.

        Whatever publishes, builds or writes access would take away what is not in the work tree.
        """
        for path, (what, hint) in sorted(self.hidden.items()):
            message = f"{self.files.prefix}{path} {what}: this is not the ledger of a commit"
            raise LedgerError(message, f"{hint}; or read the commit, with --rev HEAD")

    @property
    def slugs(self) -> tuple[str, ...]:
        """The customers' folder names, sorted."""
        return tuple(sorted(filter(None, self._sorted[0])))

    @cached_property
    def organization(self) -> Organization:
        """The provider, the terms and the consultants."""
        if not self._places:  # The customers' files need not be listed for these.
            return self.select(ORGANIZATION_PLACES).organization
        found = {place.name or place.kind: file for file, place in self._sorted[0].get("", ())}
        return Organization(self.files, found)

    @property
    def commit(self) -> str | None:
        """The commit that the files are of, or that the work tree was made from."""
        if isinstance(self.files, RevisionFiles):
            return self.files.commit
        return None if self.repository is None else self.repository.find_head()

    @cached_property
    def revision(self) -> str | None:
        """The commit whose files these are; None where they differ from the last commit."""
        if isinstance(self.files, RevisionFiles):
            return self.files.commit
        return None if self.repository is None or self._changed else self.commit

    @cached_property
    def entry_ids(self) -> Mapping[str, str | None]:
        """The ids of what is in the ledger's folder, as Git said when it was first asked.

        None for what differs from the commit, or is not there; empty where there is no commit.
        """
        commit = self.commit
        if self.repository is None or commit is None:
            return {}
        entries = self.repository.list_entries(commit, self.files.prefix)
        ids: dict[str, str | None] = {name: blob.object_id for name, blob in entries.items()}
        if not isinstance(self.files, RevisionFiles):
            ids |= dict.fromkeys(path.partition("/")[0] for path in self._changed)
        return ids

    @cached_property
    def _changed(self) -> frozenset[str]:
        """The files of the work tree that differ from the commit, or may and Git hides it."""
        repository, prefix = self.require_repository("no commits"), self.files.prefix
        return frozenset(self.hidden) | repository.list_changes(prefix)

    @property
    def tree_ids(self) -> Mapping[str, str | None]:
        """The id of each customer's tree in the commit; None where the files differ from it."""
        return {name: tree_id for name, tree_id in self.entry_ids.items() if is_slug(name)}

    def require_repository(self, lack: str) -> GitRepository:
        """Return the repository; if there is none, raise a LedgerError that says the ``lack``."""
        if self.repository is None:
            raise LedgerError(f"the ledger is in no Git repository, so it has {lack}")
        return self.repository

    def require_records(self, folder: Path) -> None:
        """Raise a LedgerError that says that ``folder`` is no ledger, if nothing of one is here."""
        kinds = {place.kind for placed in self._sorted[0].values() for _file, place in placed}
        if not kinds & {*ORGANIZATION_FILES, "customer"}:
            raise LedgerError(
                f"{folder} is no ledger: it has no provider.yml and no customer's folder",
                "name the ledger's folder with --ledger",
            )

    def select(self, places: Sequence[str]) -> Ledger:
        """Return the ledger with the files at or below some places alone."""
        selected = Ledger(self.files, self.repository, places)
        if "hidden" in vars(self):  # Git need not be asked once more.
            selected.hidden = self.hidden
        return selected

    def list_customer_files(self, slug: str) -> tuple[LedgerFile, ...]:
        """Return the files of a customer, or the organization's if no slug, sorted by path."""
        return tuple(sorted(file for file, _place in self._sorted[0].get(slug, ())))

    def read_customer(self, slug: str) -> CustomerFolder:
        """Read one customer's folder; an UnknownNameError is raised if there is none."""
        if not slug or slug not in self._sorted[0]:
            raise UnknownNameError(f"there is no customer {slug!r}", suggest_name(slug, self.slugs))
        provider = self.organization.provider
        marketplace = provider.links.marketplace if provider is not None else None
        return CustomerFolder(self.files, slug, self._sorted[0][slug], marketplace or "")

    def read_customers(self, slugs: Iterable[str] = ()) -> Iterator[CustomerFolder]:
        """Read the folders of the customers named, or of all, one after the other."""
        for slug in tuple(slugs) or self.slugs:
            yield self.read_customer(slug)

    @cached_property
    def _sorted(self) -> tuple[Mapping[str, list[tuple[LedgerFile, Place]]], Sequence[Misplaced]]:
        """The files by customer, those of the organization under no name; what is misplaced."""
        placed, misplaced = sort_into_places(self.files.list_files(self._places))
        by_customer: dict[str, list[tuple[LedgerFile, Place]]] = {}
        for file, place in placed:
            by_customer.setdefault(place.customer or "", []).append((file, place))
        return by_customer, misplaced


@contextmanager
def open_ledger(
    folder: Path | None = None,
    revision: str | None = None,
    customers: Sequence[str] = (),
    start: Path | None = None,
) -> Iterator[Ledger]:
    """Open the ledger in ``folder``, or in ``customers/`` of the work tree around ``start``.

    ``folder`` may also be the root of a work tree with a ledger; ``start`` is the current folder if
    None. A ``revision`` is read instead of the work tree if given; of ``customers`` only the files
    of those named are listed, all if none are. A LedgerError is raised if there is no ledger, no
    repository, or no such revision; an UnknownNameError if there is no such customer.
    """
    around = (folder or start or Path.cwd()).absolute()
    if folder is not None and not around.is_dir() and revision is None:
        raise LedgerError(f"there is no folder {folder}", "name the ledger's folder")
    with ExitStack() as stack:
        repository = None
        try:
            repository = stack.enter_context(GitRepository.open_around(around))
        except LedgerError:
            if folder is None or revision is not None:
                raise
        ledger_folder, prefix = find_folder(around, repository, is_named=folder is not None)
        places = list_places(customers)
        files = _open_files(ledger_folder, prefix, repository, revision, places)
        ledger = Ledger(files, repository, places)
        # One file shows that this is a ledger; its others are listed when they are asked for.
        is_surely_ledger = (ledger_folder / ORGANIZATION_PLACES[0]).is_file()
        if customers or not (isinstance(files, FolderFiles) and is_surely_ledger):
            ledger.require_records(folder or ledger_folder)
        if customers and (unknown := sorted({*customers} - {*ledger.slugs})):
            everything = Ledger(_open_files(ledger_folder, prefix, repository, revision, ()))
            slugs = everything.slugs
            hint = suggest_name(unknown[0], slugs) or f"customers: {', '.join(slugs[:8])}"
            raise UnknownNameError(f"there is no customer {unknown[0]!r}", hint)
        yield ledger


@contextmanager
def open_staged_ledger(folder: Path | None = None, index: Path | None = None) -> Iterator[Ledger]:
    """Open the ledger as the next commit will have it, by the repository's index or another."""
    around = (folder or Path.cwd()).absolute()
    with GitRepository.open_around(around) as repository:
        ledger_folder, prefix = find_folder(around, repository, is_named=folder is not None)
        ledger = Ledger(repository.open_staged(prefix, index), repository)
        ledger.require_records(folder or ledger_folder)
        yield ledger


def find_folder(
    around: Path, repository: GitRepository | None, *, is_named: bool
) -> tuple[Path, str]:
    """Return the ledger's folder and its path from the root of the work tree.

    ``around`` is the folder that somebody named, or one in the work tree. A LedgerError is raised
    if it is a link that leads out of the repository.
    """
    root = repository.root if repository is not None else None
    setting = repository.ledger_folder if repository is not None else None
    default = PurePosixPath(DEFAULT_FOLDER if setting is None else setting)
    if default.is_absolute() or ".." in default.parts:
        raise LedgerError(
            f"git config punchcard.ledger says {setting!r}, which is no folder of the repository",
            "name the ledger's folder from the root of the repository, like data",
        )
    folder = around if is_named else (root or around) / default
    is_ledger = any((around / place).is_file() for place in ORGANIZATION_PLACES)
    if is_named and not is_ledger and (around / default).is_dir():
        folder = around / default
    if root is None:
        return folder, _make_prefix(default if repository is not None else folder.name)
    real, top = folder.resolve(), root.resolve()
    if not real.is_relative_to(top):
        raise LedgerError(
            f"{folder} is a link that leads out of its repository", "put the ledger itself there"
        )
    return folder, _make_prefix(real.relative_to(top))


def _make_prefix(folder: PurePath | str) -> str:
    name = PurePath(folder).as_posix()
    return "" if name == "." else f"{name}/"


def list_places(customers: Sequence[str]) -> tuple[str, ...]:
    """Return what to list for some customers; a name that can be no folder's is not looked for."""
    return (*ORGANIZATION_PLACES, *filter(is_slug, customers)) if customers else ()


def _open_files(
    folder: Path,
    prefix: str,
    repository: GitRepository | None,
    revision: str | None,
    places: Sequence[str],
) -> LedgerFiles:
    if repository is None:
        return FolderFiles(folder, prefix)
    if revision is not None or repository.root is None:
        return repository.open_revision("HEAD" if revision is None else revision, prefix, places)
    if not folder.is_dir():
        raise LedgerError(
            f"there is no ledger: {repository.root} has no folder {prefix}",
            "name the ledger's folder with --ledger, or make one with `punchcard init`",
        )
    return FolderFiles(folder, prefix, partial(repository.list_work_tree, prefix))
