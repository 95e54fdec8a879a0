"""Git hooks: how they are installed, and what the pre-receive hook refuses.

A protected branch goes forward only, to commits whose ledger has no errors and alters nothing
that was recorded. Tags of publications are neither moved nor deleted.
"""

import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from ledger.check import CheckReport, check_ledger
from ledger.errors import LedgerError, naming_failure
from ledger.git import GitError, GitRepository
from ledger.history.commits import is_ancestor, list_patterns
from ledger.history.history_check import add_history, check_history
from ledger.history.publications import TAG_PREFIX
from ledger.ledger import Ledger

_BRANCH_PREFIX = "refs/heads/"
# -P: a folder called `ledger` in the repository must not be taken for this program.
_PROGRAM = (sys.executable, "-P", "-m", "ledger.cli")
_MARK = "# Made by `punchcard hook install`."
MERGE_DRIVER = "merge.punchcard.driver"
_SAYS = {
    "pre-commit": "# Checks the ledger as it is staged; `git commit --no-verify` leaves it out.",
    "pre-receive": "# Checks what is pushed to protected branches before it is taken.",
}


def install_hook(
    repository: GitRepository, ledger: str | None = None, *, force: bool = False
) -> Path:
    """Write the hook that fits, pre-commit or pre-receive in a bare repository; return its file.

    ``ledger`` is the ledger's folder from the root of the work tree, if it is not the usual one.
    A LedgerError is raised if there is a hook that somebody else made (which ``force`` replaces),
    if hooks are kept elsewhere, or if this one cannot do its work; then there is none.
    """
    name = name_hook(repository)
    listed = repository.ask("config", "--show-scope", "--get-all", "core.hooksPath") or b""
    scopes = [line.partition("\t") for line in listed.decode().splitlines()]
    if places := [place for scope, _tab, place in scopes if scope != "command"]:
        raise LedgerError(
            f"this repository's hooks are kept in {places[-1]} (core.hooksPath)",
            f"let the {name} hook there run `{_make_command(name)}`",
        )
    file = repository.git_folder / "hooks" / name
    is_own = file.is_file() and _MARK.encode() in file.read_bytes() and not file.is_symlink()
    if os.path.lexists(file) and not is_own and not force:
        raise LedgerError(
            f"there is a {name} hook already: {file}",
            f"add `{_make_command(name, ledger)}` to it, or replace it with --force",
        )
    new = file.with_name(f"{name}.new")
    with naming_failure(f"cannot write {file}"), ExitStack() as stack:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        stack.callback(new.unlink, missing_ok=True)
        command = f'exec {_make_command(name, ledger)} "$@"'
        new.write_bytes(f"#!/bin/sh\n{_MARK}\n{_SAYS[name]}\n{command}\n".encode())
        new.chmod(0o755)
        try_hook(repository, name, new)
        new.replace(file)
    return file


def name_hook(repository: GitRepository) -> str:
    """Return which hook fits a repository."""
    return "pre-receive" if repository.root is None else "pre-commit"


def find_hook(repository: GitRepository) -> Path | None:
    """Return the hook that fits if it runs this program, wherever hooks are kept."""
    listed = repository.run("rev-parse", "--git-path", "hooks", runs_hooks=True)
    file = repository.folder / os.fsdecode(listed).strip() / name_hook(repository)
    is_ours = file.is_file() and f"hook {name_hook(repository)}".encode() in file.read_bytes()
    return file if is_ours else None


def try_hook(repository: GitRepository, name: str, file: Path) -> None:
    """Run a hook on what is staged, or pushed, now; raise a LedgerError if it cannot work."""
    head = repository.find_head()
    if head is None:
        return
    options = ["--protected", head] if name == "pre-receive" else []
    # By Git, which brings the shell that runs hooks on Windows.
    alias = f"alias.punchcard-hook=!{shlex.join([file.as_posix(), *options])}"
    pushed = f"{'0' * len(head)} {head} {_BRANCH_PREFIX}{head}\n"
    try:
        repository.run("-c", alias, "punchcard-hook", stdin=pushed.encode())
    except GitError as error:
        last_line = error.said.rpartition("\n")[2]
        if error.status == 1 and last_line.startswith("punchcard: "):
            return  # It has found errors.
        reason = last_line.removeprefix("punchcard: error: ") or f"status {error.status}"
        raise LedgerError(f"the {name} hook could not work here: {reason}") from error


def install_merge_driver(repository: GitRepository, prefix: str) -> Path | None:
    """Let Git merge the files of the ledger record by record.

    Returns .gitattributes if it was changed, which has to be committed; None in a bare repository.
    """
    if repository.root is None:
        return None
    program = shlex.join([*_PROGRAM, "merge-driver"])
    repository.run("config", MERGE_DRIVER, f"{program} %O %A %B %P")
    pattern = re.sub(r"([\[\]*?\\])", r"\\\1", prefix) + "**/*.yml"
    if re.search(r'[\s"#!]', pattern):
        pattern = json.dumps(pattern, ensure_ascii=False)
    line = f"{pattern} merge=punchcard"
    file = repository.root / ".gitattributes"
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if line in before.splitlines():
            return None
        separator = "" if not before or before.endswith("\n") else "\n"
        file.write_bytes(f"{before}{separator}{line}\n".encode())
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"cannot write {file}: {error}", f"add the line: {line}") from error
    return file


def _make_command(name: str, ledger: str | None = None) -> str:
    """Return the shell command that a hook runs: this very installation, from any folder."""
    option = ["--ledger", ledger] if ledger is not None else []
    return shlex.join([*_PROGRAM, *option, "hook", name])


class Push(NamedTuple):
    """What a push does to a branch or tag, as people call it; ``old`` is empty where it is new."""

    name: str
    old: str
    new: str
    refusal: str | None  # why it is refused, whatever it brings


def judge_push(repository: GitRepository, pushed: str, protected: Sequence[str]) -> Iterator[Push]:
    """Yield what a push does to protected branches, and which tags of publications it moves.

    ``pushed`` is what Git tells a pre-receive hook on its standard input; of anything else a
    LedgerError is raised. Branches are protected by patterns of their names: those given, else
    those of ``list_patterns``.
    """
    patterns = protected or list_patterns(repository, "HEAD")
    for line in pushed.splitlines():
        if line.count(" ") < len(("old", "new")):
            raise LedgerError(
                f"{line!r} is not what Git tells a pre-receive hook",
                "let Git run this, or set it up with `punchcard hook install`",
            )
        *ids, ref = line.split(" ", 2)
        (old, new), refusal = (each if each.strip("0") else "" for each in ids), None
        branch = ref.removeprefix(_BRANCH_PREFIX)
        if ref.startswith(f"refs/tags/{TAG_PREFIX}") and old:
            refusal = "a publication's tag is neither moved nor deleted"
            yield Push(ref.removeprefix("refs/tags/"), old, new, refusal)
        elif branch != ref and any(fnmatchcase(branch, pattern) for pattern in patterns):
            if not new:
                refusal = "the branch is protected: it is not deleted"
            elif old and not is_ancestor(repository, old, new):
                refusal = "the branch is protected: it goes forward only, without a forced push"
            yield Push(branch, old, new, refusal)


def check_push(ledger: Ledger, push: Push, as_of: date) -> CheckReport:
    """Check the ledger at the new commit, and its history since the old one."""
    bases, report = (push.old,) if push.old else (), check_ledger(ledger, as_of)
    return add_history(report, ledger, bases, check_history(ledger, bases, as_of))
