"""The protected branches: what is recorded there is not changed any more, only corrected."""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any

from ledger.errors import LedgerError
from ledger.files.yaml import YamlSyntaxError, parse_yaml
from ledger.git import GitRepository

_HEADS, _REMOTES = "refs/heads/", "refs/remotes/"
_USUAL = ("main", "master")


def list_patterns(repository: GitRepository, head: str) -> list[str]:
    """Return the names of protected branches, or patterns such as ``release/*``.

    They are those of the setting ``punchcard.protected``, else the branch that ``head`` is on.
    """
    setting = repository.ask("config", "--get-all", "punchcard.protected")
    if setting is None:
        setting = repository.ask("symbolic-ref", "--quiet", head) or b""
    return [each.removeprefix(_HEADS) for each in setting.decode().split()]


def find_protected(repository: GitRepository) -> dict[str, str]:
    """Return the commits of the protected branches by their names, as this clone knows them.

    Those of the remotes count, and the local ones where no remote has any: ``origin/main``. Without
    the setting, the branch is the one that ``origin`` has at its HEAD, else ``main``.
    """
    head = f"{_REMOTES}origin/"
    patterns = [each.removeprefix(head) for each in list_patterns(repository, f"{head}HEAD")]
    listing = repository.run("for-each-ref", "--format=%(refname) %(objectname)", _HEADS, _REMOTES)
    local, remote = dict[str, str](), dict[str, str]()
    for ref, _space, commit in (line.partition(" ") for line in listing.decode().splitlines()):
        found = local if ref.startswith(_HEADS) else remote
        name = ref.removeprefix(_HEADS if found is local else _REMOTES)
        branch = name if found is local else name.partition("/")[2]
        if any(fnmatchcase(branch, pattern) for pattern in patterns or _USUAL):
            found[name] = commit
    return remote or local


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
    with suppress(LedgerError, YamlSyntaxError):
        items: Any = parse_yaml(repository.read_object(f"{commit}:{path}"))
        return {str(item.get("id")): item for item in items or () if isinstance(item, dict)}
    return {}
