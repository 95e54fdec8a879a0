"""``doctor`` finds each thing that is not set up, and says what to do."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.git import GitRepository
from ledger.history.hooks import install_hook, install_merge_driver
from tests.conftest import IDENTITY, Commands, RunPunchcard, commit_all, git, start_repository
from tests.ledger.writing.small_ledger import write_small_ledger

LINE = '127.0.0.1 - dana@acme.example [{:%d/%b/%Y:%H:%M:%S +0000}] "GET / HTTP/1.1" 200 12\n'
NOW = datetime.now(UTC)
INSTALL = "punchcard hook install"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = start_repository(tmp_path_factory.mktemp("prepared") / "repository")
    commit_all(write_small_ledger(root))
    with GitRepository.open_around(root) as repository:
        install_hook(repository)
        install_merge_driver(repository, "customers/")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--no-verify", "--message=Say how to merge")
    return root


@pytest.fixture
def run(prepared: Path, punchcard: RunPunchcard, tmp_path: Path) -> Commands:
    """The commands, run where all is set up."""
    return Commands(punchcard, shutil.copytree(prepared, tmp_path / "repository"))


def examine(run: Commands, *options: object) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """Return the exit status, and what each check says and advises if it is not content."""
    ran = run("doctor", *options, "--format", "json")
    found: dict[str, list[tuple[str, str]]] = {}
    for each in json.loads(ran.stdout):
        if each["state"] != "ok":
            found.setdefault(each["check"], []).append((each["state"], each["hint"]))
    return ran.status, found


def test_all_is_well(run: Commands, tmp_path: Path) -> None:
    log = tmp_path / "portals.log"
    log.write_text(LINE.format(NOW))
    assert examine(run, "--log", log) == (0, {})
    shown = run("doctor", "--log", tmp_path / "portals.log*").stdout
    words = ("you are alice (Alice Moreau)", "the pre-commit hook works", "1 days with sign-ins")
    assert [word for word in words if word not in shown] == []


def break_hook(root: Path) -> None:
    hook = root / ".git/hooks/pre-commit"
    hook.write_text(hook.read_text().replace("exec ", "exec /nowhere"))


def cut_history(root: Path) -> None:
    (root / ".git/shallow").write_text(f"{git(root, 'rev-parse', 'HEAD')}\n")


def break_terms(root: Path) -> None:
    (root / "customers/terms.yml").write_text("- {effective: soon}\n")
    git(root, "commit", "--quiet", "--all", "--no-verify", "--message=Break it")


def leave_placeholder(root: Path) -> None:
    provider = root / "customers/provider.yml"
    provider.write_text(provider.read_text().replace("Example Tools", "Your Company"))


def commit_tomorrow(root: Path) -> None:
    day = f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_COMMITTER_DATE", day)
        git(root, "commit", "--quiet", "--no-verify", "--allow-empty", "--message=Tomorrow")


@pytest.mark.parametrize(
    ("spoil", "check", "state", "hint"),
    [
        (lambda root: (root / ".git/hooks/pre-commit").unlink(), "hook", "wrong", INSTALL),
        (break_hook, "hook", "wrong", INSTALL),
        ("config --unset merge.punchcard.driver", "merging", "doubtful", INSTALL),
        ("branch --move main work", "branch", "wrong", "punchcard.protected"),
        ("remote add origin https://git.example/x.git", "tags", "doubtful", "git fetch --tags"),
        (cut_history, "history", "wrong", "git fetch --unshallow"),
        (break_terms, "company", "wrong", "write it as YYYY-MM-DD"),
        (leave_placeholder, "examples", "doubtful", "customers read this"),
        (commit_tomorrow, "clock", "wrong", "set-ntp"),
    ],
)
def test_what_is_not_set_up_is_told(
    run: Commands, spoil: str | Callable[[Path], None], check: str, state: str, hint: str
) -> None:
    if isinstance(spoil, str):
        run.git(*spoil.split())
    else:
        spoil(run.root)
    status, found = examine(run)
    assert status == (1 if state == "wrong" else 0)
    [(said, advice)] = found.pop(check)
    assert (said, hint in advice) == (state, True)
    assert found == {} or spoil is break_terms


def test_who_is_no_consultant_or_nobody_is_told(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "zoe@example.com")
    assert examine(run) == (0, {"consultant": [("doubtful", "")]})  # She left.
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "stranger@example.com")
    status, found = examine(run)
    assert (status, "say --as" in found["consultant"][0][1]) == (0, True)
    for name in IDENTITY:
        monkeypatch.delenv(name)
    run.git("config", "user.useConfigOnly", "true")
    status, found = examine(run)
    assert (status, "git config user.name" in found["identity"][0][1]) == (1, True)


@pytest.mark.parametrize("kind", ["missing", "old", "strange"])
def test_a_log_that_says_nothing_is_told(run: Commands, tmp_path: Path, kind: str) -> None:
    log = tmp_path / "portals.log"
    if kind != "missing":
        log.write_text("nonsense\n" if kind == "strange" else LINE.format(NOW))
    if kind == "old":
        os.utime(log, (0, NOW.timestamp() - 3 * 86400))
    status, found = examine(run, "--log", log)
    assert (status, list(found), found["logs"][0][0]) == (1, ["logs"], "wrong")


def test_portals_that_no_web_server_can_read_are_told(run: Commands, tmp_path: Path) -> None:
    closed = next((each for each in tmp_path.parents if not each.stat().st_mode & 1), None)
    status, found = examine(run, "--portals", tmp_path)
    expected = {"portals": [("wrong", f"chmod o+rX {closed}")]} if closed else {}
    assert (status, found) == (1 if closed else 0, expected)
    status, found = examine(run, "--portals", tmp_path / "none")
    assert (status, found["portals"][0][0]) == (1, "wrong")


def test_a_cache_that_cannot_be_written_is_told(
    run: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PUNCHCARD_CACHE_DIR", str(tmp_path / "file"))
    assert examine(run) == (0, {"cache": [("doubtful", "set PUNCHCARD_CACHE_DIR")]})
