"""The protected branches: what is recorded there is not changed any more, only corrected."""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any

from ledger.errors import LedgerError
from ledger.files.yaml import YamlSyntaxError, parse_yaml
from ledger.git import GitRepository

_USUAL = ("main", "master")


def list_patterns(repository: GitRepository, head: str) -> list[str]:
    """Return the names of protected branches, or patterns such as ``release/*``.

    They are those of the setting ``punchcard.protected``, else the branch that ``head`` is on.
    """
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
