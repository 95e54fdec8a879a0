"""The shell completes names of the ledger, quickly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli import arguments
from ledger.models import Channel, LicenceType, NoticeChoice, Status
from ledger.uses import DEFAULT_USES
from tests.conftest import git

PROGRAM = """
import atexit, os, sys
def look():
    heavy = {"pydantic", "git", "mkdocs", "jinja2"} & set(sys.modules)
    if heavy:
        os.write(2, f"imported: {heavy}".encode())
atexit.register(look)
from site_builder.punchcard import main
main()
"""


def complete(folder: Path, line: str, shell: str = "bash") -> list[str]:
    words = line.split()
    count = len(words) if line.endswith(" ") else len(words) - 1
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "_PUNCHCARD_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(count) if shell != "fish" else words[-1],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [item.partition(",")[2] for item in done.stdout.splitlines() if item]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("punchcard lo", ["log"]),
        ("punchcard request m", ["move"]),
        ("punchcard log po", ["politechnika-nadmorska"]),
        ("punchcard log acme ACME-1", ["ACME-1", *(f"ACME-1{n}" for n in range(5))]),
        ("punchcard log acme acme-14", ["ACME-14"]),
        ("punchcard log SKY-5", ["SKY-5"]),
        ("punchcard start mmt-7", ["MMT-7"]),
        ("punchcard log nobody ", []),
        ("punchcard log acme ACME-1 1h --as z", ["zoe"]),
        ("punchcard log acme ACME-1 1h --category product-t", ["product-training"]),
        ("punchcard account seen acme da", ["dana@acme.example"]),
        ("punchcard correct acme 2026-11-alice/", [f"2026-11-alice/{n}-1" for n in (3, 13, 17)]),
    ],
)
def test_names_of_the_ledger_are_completed(
    sample_repository: Path, line: str, completed: list[str]
) -> None:
    found = complete(sample_repository / "customers", line)
    assert found == [name.replace("/3-", "/03-") for name in completed]


def test_categories_are_those_of_the_terms_in_force(sample_repository: Path) -> None:
    terms = sample_repository / "customers" / "terms.yml"
    line = "punchcard request update acme ACME-1 --category "
    assert complete(sample_repository, line) == [*DEFAULT_USES.all]
    listed = "    - {id: review, name: Review}\n    - id: intake\n      name: {en: Intake}\n"
    later = "- effective: 2999-01-01\n  categories: [{id: later, name: Later}]\n"
    terms.write_text(f"{terms.read_text()}  categories:\n{listed}      charged: false\n{later}")
    assert complete(sample_repository, line) == ["review", "intake"]


def test_every_command_is_completed_without_importing_one(sample_repository: Path) -> None:
    assert {"check", "log", "request", "portal"} <= set(complete(sample_repository, "punchcard "))


def test_another_ledger_is_completed_if_it_is_named(
    sample_repository: Path, tmp_path: Path
) -> None:
    line = f"punchcard --ledger {sample_repository} log hos"
    assert complete(tmp_path, line) == ["hoshizora"]
    assert complete(tmp_path, "punchcard log ") == []


@pytest.mark.parametrize("name", ["data", "our books"])
def test_a_ledger_that_git_config_names_is_completed(sample_repository: Path, name: str) -> None:
    git(sample_repository, "mv", "customers", name)
    git(sample_repository, "config", "punchcard.protected", "main")
    git(sample_repository, "config", "punchcard.ledger", name)
    assert complete(sample_repository, "punchcard log hos") == ["hoshizora"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "_PUNCHCARD_COMPLETE": f"{shell}_source",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_PUNCHCARD_COMPLETE" in done.stdout


def test_options_choose_from_the_words_of_the_models() -> None:
    assert list(arguments.STATUSES) == [status.value for status in Status]
    assert set(arguments.CHANNELS) == {channel.value for channel in Channel}
    assert list(arguments.LICENCE_TYPES) == [kind.value for kind in LicenceType]
    assert list(arguments.NOTICES) == [choice.value for choice in NoticeChoice]
