"""Commits of a repository: who made them, their parents, and the files each changed.

Arguments are ids of objects; the name of a revision is resolved first. What is on a protected
branch is recorded for good: it is not changed any more, only corrected.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ledger.errors import LedgerError
from ledger.files.source import LedgerFile, check_count, make_blob
from ledger.files.yaml import YamlSyntaxError, parse_yaml
from ledger.git import GitRepository, literal_path
from ledger.text import make_printable, shorten_id

_WALK = (
    *("diff-tree", "--stdin", "--always", "--root", "-r", "-z", "--raw", "--no-renames"),
    *("--no-ext-diff", "--encoding=UTF-8", "--format=%H%n%P%n%an%n%ae%n%aI%n%cI%n%s"),
)
_USUAL = ("main", "master")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit and who made it; both times are ISO 8601 with a time zone."""

    id: str
    parents: tuple[str, ...]
    author: str
    email: str
    date: str  # when its author made it
    committed: str  # when it got its present form
    subject: str

    def __str__(self) -> str:
        line = f"{shorten_id(self.id)} {self.date[:10]} {self.author} <{self.email}>"
        return make_printable(f"{line}: {self.subject}" if self.subject else line)

    def to_json(self) -> dict[str, Any]:
        """Return the commit as JSON data."""
        names = ("author", "email", "date", "subject")
        return {"commit": self.id} | {name: getattr(self, name) for name in names}


class FileChange(NamedTuple):
    """A file that a commit changed, by path, as the compared parents and it have it, or None."""

    path: str
    before: tuple[LedgerFile | None, ...]
    after: LedgerFile | None


def is_ancestor(git: GitRepository, earlier: str, later: str) -> bool:
    """Whether ``later`` is ``earlier`` or a descendant of it."""
    return git.ask("merge-base", "--is-ancestor", earlier, later) is not None


def find_merge_bases(git: GitRepository, one: str, other: str) -> tuple[str, ...]:
    """Return the merge bases: several if each merged the other; a LedgerError if too shallow."""
    bases = tuple((git.ask("merge-base", "--all", one, other) or b"").decode().split())
    if bases != (one,):  # Beyond a commit whose parents were not fetched there may be a nearer one.
        lack = f" to find where {shorten_id(other)} parted from {shorten_id(one)}"
        refuse_cut(git, [one, other], bases, lack)
    return bases


def list_commits(git: GitRepository, *selection: str) -> list[str]:
    """Return ids of commits, oldest first; ``selection`` is ids, ``^`` ids and rev-list options."""
    return git.run("rev-list", "--topo-order", "--reverse", *selection).decode().split()


def walk_commits(
    git: GitRepository,
    ids: Sequence[str],
    prefix: str,
    place: str = "",
    *,
    first_parent: bool = False,
) -> Iterator[tuple[Commit, list[FileChange]]]:
    """Yield commits, in the order of ``ids``, and what each changed at ``place`` of the ledger.

    ``prefix`` is the ledger's folder. With ``first_parent`` a merge is compared with its first
    parent; else only what differs from every parent is a change of the merge.
    """
    if not ids:
        return
    how = "--diff-merges=first-parent" if first_parent else "-c"
    given = "".join(f"{item}\n" for item in ids).encode()
    command = (*_WALK, how, "--", literal_path(prefix + place))
    with closing(git.stream(*command, stdin=given)) as output:
        tokens, commit, changes = filter(None, output), None, list[FileChange]()
        for token in (each.lstrip("\n") for each in tokens):
            if token.startswith(":"):
                check_count(len(changes))
                changes.append(_parse_change(token, next(tokens).removeprefix(prefix)))
                continue
            if commit is not None:
                yield commit, changes
            text = os.fsencode(token).decode("utf-8", "replace")
            name, parents, *others = text.split("\n", 6)
            commit, changes = Commit(name, tuple(parents.split()), *others), []
        if commit is not None:
            yield commit, changes


def list_differences(git: GitRepository, prefix: str, one: str, other: str) -> set[str]:
    """Return which files of the ledger are others, or not there, in one of two commits or trees."""
    how = ("-r", "-z", "--name-only", "--no-renames", "--no-ext-diff")
    output = git.run("diff-tree", *how, one, other, "--", literal_path(prefix))
    return {name.removeprefix(prefix) for name in os.fsdecode(output).split("\0") if name}


def list_parents(git: GitRepository, commit: str) -> tuple[str, ...]:
    """Return the parents that a commit names, whether they were fetched or not."""
    header = git.run("cat-file", "commit", commit).partition(b"\n\n")[0].decode("utf-8", "replace")
    lines = (line.partition(" ") for line in header.splitlines())
    return tuple(value for key, _, value in lines if key == "parent")


def is_cut(git: GitRepository, commit: str) -> bool:
    """Whether the parents of a commit were left out when the repository was cloned."""
    known = git.run("rev-parse", "--quiet", f"{commit}^@").split()
    return len(known) < len(list_parents(git, commit))


def refuse_cut(git: GitRepository, tips: Sequence[str], bases: Sequence[str], lack: str) -> None:
    """Raise a LedgerError, with the ``lack``, if history from ``bases`` to ``tips`` is missing."""
    if not git.is_shallow():
        return
    ends = list_commits(git, "--max-parents=0", *tips, *(f"^{base}" for base in bases))
    if any(is_cut(git, commit) for commit in ends):
        raise LedgerError(
            f"this clone is too shallow{lack}",
            "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in CI",
        )


def _parse_change(description: str, path: str) -> FileChange:
    """Return a change by what ``git diff-tree --raw`` says: modes, then ids, then a status."""
    count = description.count(":") + 1
    fields = description.lstrip(":").split(" ")
    *before, after = (
        make_blob(path, mode, object_id) if object_id.strip("0") else None
        for mode, object_id in zip(fields[:count], fields[count : 2 * count], strict=True)
    )
    return FileChange(path, tuple(before), after)


def list_patterns(repository: GitRepository, head: str) -> list[str]:
    """Return protected branches or patterns, by a setting, else the branch that ``head`` is on."""
    setting = repository.ask("config", "--get-all", "punchcard.protected")
    if setting is None:
        setting = repository.ask("symbolic-ref", "--quiet", head) or b""
    return [each.removeprefix("refs/heads/") for each in setting.decode().split()]


def find_protected(repository: GitRepository) -> dict[str, str]:
    """Return the commits of the protected branches by their names, as this clone knows them.

    Those of the remotes count, and the local ones where no remote has any: ``origin/main``. Without
    the setting, the branch is the one that ``origin`` has at its HEAD, else ``main``.
    """
    head = "refs/remotes/origin/"
    patterns = [each.removeprefix(head) for each in list_patterns(repository, f"{head}HEAD")]
    how = ("--format=%(refname) %(objectname)", "refs/heads", "refs/remotes")
    found: dict[str, dict[str, str]] = {"heads": {}, "remotes": {}}
    for line in repository.run("for-each-ref", *how).decode().splitlines():
        ref, _space, commit = line.partition(" ")
        _refs, kind, name = ref.split("/", 2)
        branch = name if kind == "heads" else name.partition("/")[2]
        if any(fnmatchcase(branch, pattern) for pattern in patterns or _USUAL):
            found[kind][name] = commit
    return found["remotes"] or found["heads"]


def find_branch_with(
    repository: GitRepository, protected: dict[str, str], path: str, entry_id: str
) -> str | None:
    """Return the protected branch whose time file at ``path``, from the root, has an entry."""
    for name, commit in protected.items():
        if entry_id in read_items(repository, commit, path):
            return name
    return None


def read_items(repository: GitRepository, commit: str, path: str) -> dict[str, dict[str, str]]:
    """Return the items of a file of a commit by their ids; none if it cannot be read."""
    with suppress(LedgerError):
        return index_items(repository.read_object(f"{commit}:{path}"))
    return {}


def index_items(content: bytes) -> dict[str, dict[str, str]]:
    """Return the items of a file by their ids; none if it cannot be read."""
    with suppress(YamlSyntaxError):
        items: Any = parse_yaml(content)
        return {str(item.get("id")): item for item in items or () if isinstance(item, dict)}
    return {}
