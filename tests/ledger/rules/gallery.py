"""The example ledgers: where they are, and how one is checked in a repository of its own."""

import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from ledger.check import CheckReport, check_ledger
from ledger.files.source import FolderFiles
from ledger.ledger import Ledger
from ledger.output.formats import format_problems, format_summary
from ledger.rules.explain import load_rule_texts
from tests.conftest import Ran, RunPunchcard, start_repository

EXAMPLES = Path(__file__).parents[2] / "example_ledgers"
IS_UPDATING = bool(os.environ.get("UPDATE_EXPECTED"))
"""Whether the expected texts are to be written anew, to be read by a person afterwards."""

_DEFAULT_AS_OF = "2026-11-30"
_DEFAULT_AUTHOR = "Alice Moreau <alice@tools.example>"
_COMMITTED_AT = "2026-11-30T09:00:00Z"
"""The same every time: a commit's id is in the expected text."""
_TIME_TAKEN = re.compile(r" \([0-9.]+ s\)$", re.MULTILINE)


WARNING_CASES = {
    *("correction/other-category", "changed-history/note-of-an-entry"),
    *("duplicate/entry", "duplicate/invoice-of-two-customers"),
}
"""The warnings of rules that otherwise find errors."""


class Example(NamedTuple):
    """A ledger of the gallery; ``rule`` is the one it breaks, empty if it is valid."""

    rule: str
    name: str
    folder: Path

    @property
    def as_of(self) -> str:
        """The day from which it is looked at."""
        file = self.folder / "as_of.txt"
        return file.read_text().strip() if file.exists() else _DEFAULT_AS_OF

    @property
    def base(self) -> Path:
        """The folder of the ledger as it was before, if that matters."""
        return self.folder / "base"

    @property
    def author(self) -> str:
        """Who commits it."""
        file = self.folder / "author.txt"
        return file.read_text().strip() if file.exists() else _DEFAULT_AUTHOR

    @property
    def expected(self) -> Path:
        """The file with the expected text."""
        return self.folder / "expected.txt"

    def __str__(self) -> str:
        return f"{self.rule}/{self.name}".removeprefix("/")


def list_invalid() -> list[Example]:
    """Return the ledgers that break a rule, sorted."""
    folders = sorted((EXAMPLES / "invalid").glob("*/*/"))
    return [Example(folder.parent.name, folder.name, folder) for folder in folders]


def list_valid() -> list[Example]:
    """Return the ledgers that break none, sorted."""
    return [Example("", folder.name, folder) for folder in sorted((EXAMPLES / "valid").glob("*/"))]


def read_report(example: Example) -> tuple[CheckReport, str]:
    """Check an example without a base where it lies; return the report and its text."""
    ledger = Ledger(FolderFiles(example.folder / "customers", "customers/"))
    report = check_ledger(ledger, date.fromisoformat(example.as_of))
    lines = [*format_problems(report.problems), format_summary(report)]
    return report, click.unstyle("".join(f"{line}\n" for line in lines))


def check(example: Example, punchcard: RunPunchcard, root: Path, *options: str) -> Ran:
    """Check a copy of an example in a repository at ``root``; the time taken is left out.

    An example with a base is committed after it, and checked since then.
    """
    start_repository(root)
    if example.base.is_dir():
        _commit(example.base, root, _DEFAULT_AUTHOR)
        _commit(example.folder, root, example.author)
        options = ("--since", "HEAD~1", *options)
    else:
        shutil.copytree(example.folder / "customers", root / "customers", symlinks=True)
    ran = punchcard(root, "check", "--as-of", example.as_of, *options)
    return ran._replace(stdout=_TIME_TAKEN.sub("", ran.stdout))


def _commit(ledger: Path, root: Path, author: str) -> None:
    """Commit a ledger in the place of what is there."""
    shutil.rmtree(root / "customers", ignore_errors=True)
    # With the times of the originals Git would not see what is different in files of the same size.
    shutil.copytree(
        ledger / "customers", root / "customers", symlinks=True, copy_function=shutil.copyfile
    )
    dates = {"GIT_AUTHOR_DATE": _COMMITTED_AT, "GIT_COMMITTER_DATE": _COMMITTED_AT}
    for command in (("add", "--all"), ("commit", "--quiet", f"--author={author}", "--message=X")):
        subprocess.run(["git", *command], cwd=root, check=True, env={**os.environ, **dates})


def expect_text(example: Example, text: str, status: int) -> None:
    """Assert that a check of an example says what it should, or write that down."""
    if IS_UPDATING:
        example.expected.write_text(text, encoding="utf-8")
    severity = load_rule_texts()[example.rule].severity
    is_warning = severity == "warning" or str(example) in WARNING_CASES
    assert f"{'warning' if is_warning else 'error'}[{example.rule}]" in text
    assert text == example.expected.read_text(encoding="utf-8")
    assert status == (0 if is_warning else 1)
