"""Commits of a repository: who made them, their parents, and the files each changed.

Arguments are ids of objects; the name of a revision is resolved first.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.files.source import Blob, make_blob
from ledger.git import GitRepository
from ledger.text import shorten_id

_COMMIT_FORMAT = "--format=%H%n%P%n%an%n%ae%n%aI%n%cI%n%s"


class Commit(NamedTuple):
    """A commit and who made it.

    Attributes:
        date: when it was made, as ISO 8601 with the author's time zone.
        committed: when it got its present form, as after a rebase.
    """

    id: str
    parents: tuple[str, ...]
    author: str
    email: str
    date: str
    committed: str
    subject: str

    @property
    def day(self) -> str:
        """The day on which it was made, where its author was."""
        return self.date.partition("T")[0]


class FileChange(NamedTuple):
    """A file that a commit changed.

    Attributes:
        path: from the ledger's folder.
        before: the file in each parent that it is compared with; None where it was not there.
        after: the file in the commit; None if it is gone.
    """

    path: str
    before: tuple[Blob | None, ...]
    after: Blob | None


class Step(NamedTuple):
    """A commit by its id, and the files of the ledger that it changed."""

    commit: str
    changes: tuple[FileChange, ...]


def is_ancestor(git: GitRepository, earlier: str, later: str) -> bool:
    """Whether ``later`` is ``earlier`` or a descendant of it."""
    return git.ask("merge-base", "--is-ancestor", earlier, later) is not None


def find_merge_bases(git: GitRepository, one: str, other: str) -> tuple[str, ...]:
    """Return the merge bases of two commits: several if each has merged the other since.

    Raises:
        LedgerError: the clone is too shallow to say.
    """
    bases = tuple((git.ask("merge-base", "--all", one, other) or b"").decode().split())
    if bases != (one,) and is_cut_between(git, [one, other], bases):
        # Beyond a commit whose parents were not fetched there may be a nearer one.
        raise LedgerError(
            f"this clone is too shallow to find where {shorten_id(other)} parted from "
            f"{shorten_id(one)}",
            "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in CI",
        )
    return bases


def list_commits(git: GitRepository, *selection: str) -> list[str]:
    """Return ids of commits, oldest first; ``selection`` is ids, ``^`` ids and rev-list options."""
    listed = git.run("rev-list", "--topo-order", "--reverse", *selection)
    return listed.decode().split()


def describe_commits(git: GitRepository, ids: Iterable[str]) -> Mapping[str, Commit]:
    """Return commits by their id."""
    wanted = "".join(f"{item}\n" for item in dict.fromkeys(ids))
    if not wanted:
        return {}
    output = git.run(
        "log",
        "--no-walk=unsorted",
        "--stdin",
        "--encoding=UTF-8",
        "--no-color",
        "--no-patch",
        "-z",
        _COMMIT_FORMAT,
        stdin=wanted.encode(),
    )
    entries = output.decode("utf-8", "replace").split("\0")
    commits = (_parse_commit(entry) for entry in entries if entry)
    return {commit.id: commit for commit in commits}


def walk_steps(
    git: GitRepository,
    commits: Sequence[str],
    prefix: str,
    place: str | None = None,
    *,
    first_parent: bool = False,
) -> Iterator[Step]:
    """Yield what each of ``commits`` changed below ``prefix``, or in ``place``, in their order.

    Both paths are from the root of the work tree. With ``first_parent`` a merge is compared with
    its first parent; else only what differs from every parent is a change of the merge.
    """
    output = git.run(
        "diff-tree",
        "--stdin",
        "--root",
        "-r",
        "-z",
        "--raw",
        "--no-renames",
        "--no-ext-diff",
        "--diff-merges=first-parent" if first_parent else "-c",
        *limit_to(prefix if place is None else place),
        stdin="".join(f"{item}\n" for item in commits).encode(),
    )
    yield from _parse_steps(output, prefix)


def limit_to(folder: str) -> list[str]:
    """Return arguments that limit what Git shows to a folder, or a file, with exactly that name."""
    return ["--", f":(literal){folder}"] if folder else ["--"]


def list_parents(git: GitRepository, commit: str) -> tuple[str, ...]:
    """Return the parents that a commit names, whether they were fetched or not."""
    header = git.run("cat-file", "commit", commit).partition(b"\n\n")[0].decode("utf-8", "replace")
    lines = (line.partition(" ") for line in header.splitlines())
    return tuple(value for key, _, value in lines if key == "parent")


def is_cut(git: GitRepository, commit: str) -> bool:
    """Whether the parents of a commit were left out when the repository was cloned."""
    known = git.run("rev-parse", "--quiet", f"{commit}^@").split()
    return len(known) < len(list_parents(git, commit))


def is_cut_between(git: GitRepository, tips: Sequence[str], bases: Sequence[str]) -> bool:
    """Whether something is left out of the history of ``tips`` up to ``bases``."""
    if git.run("rev-parse", "--is-shallow-repository").strip() != b"true":
        return False
    known = [f"^{base}" for base in bases]
    ends = git.run("rev-list", "--max-parents=0", *tips, *known).decode().split()
    return any(is_cut(git, commit) for commit in ends)


def _parse_commit(entry: str) -> Commit:
    commit, parents, author, email, date, committed, subject = entry.lstrip("\n").split("\n", 6)
    return Commit(
        commit, tuple(parents.split()), author, email, date, committed, subject.rstrip("\n")
    )


def _parse_steps(output: bytes, folder: str) -> Iterator[Step]:
    commit, changes = "", list[FileChange]()
    tokens = iter(output.split(b"\0"))
    for token in tokens:
        if token.startswith(b":"):
            path = os.fsdecode(next(tokens))[len(folder) :]
            changes.append(_parse_change(token.decode(), path))
        elif token:
            if changes:
                yield Step(commit, tuple(changes))
            commit, changes = token.decode(), []
    if changes:
        yield Step(commit, tuple(changes))


def _parse_change(description: str, path: str) -> FileChange:
    fields = description.lstrip(":").split(" ")
    count = description.count(":") + 1
    modes, ids = fields[:count], fields[count : 2 * count]
    blobs = [
        make_blob(path, mode, object_id) if object_id.strip("0") else None
        for mode, object_id in zip(modes, ids, strict=True)
    ]
    return FileChange(path, tuple(blobs[:-1]), blobs[-1])
