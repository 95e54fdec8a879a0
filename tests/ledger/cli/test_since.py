"""What ``punchcard check`` compares with: by option, or by the variables of a CI job."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard
from tests.ledger.git.written_ledger import AS_OF, TIME_FILE, WrittenLedger

Check = Callable[..., tuple[int, object, str]]
Clone = Callable[..., Path]
TARGET = "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
BASE = "CI_MERGE_REQUEST_DIFF_BASE_SHA"
BEN = "Ben <ben@example.com>"


@pytest.fixture
def check(punchcard: RunPunchcard, ledger: WrittenLedger) -> Check:
    """Check the ledger or a clone; return the status, the base, and what else is said."""

    def run(*options: str, folder: Path = ledger.root) -> tuple[int, object, str]:
        ran = punchcard(folder, "check", "--as-of", AS_OF, "--format", "json", *options)
        return ran.status, json.loads(ran.stdout).get("since") if ran.stdout else None, ran.stderr

    return run


@pytest.fixture
def clone(ledger: WrittenLedger, tmp_path: Path) -> Clone:
    """Clone the ledger over a transport, so that depth is obeyed."""

    def run(branch: str, *options: str) -> Path:
        url, copy = f"file://{ledger.root}", tmp_path / "copy"
        ledger.git("clone", "--quiet", "--branch", branch, *options, url, str(copy))
        return copy

    return run


def set_job(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    monkeypatch.setenv("CI", "true")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def branch_off(ledger: WrittenLedger, *, merges: bool = False) -> str:
    """Let ``work`` alter an entry while ``main`` goes on; return main's commit."""
    ledger.git("checkout", "--quiet", "-b", "work")
    ledger.alter()
    ledger.git("checkout", "--quiet", "main")
    ledger.log("09-1", consultant="ben")
    target = ledger.commit("Go on", BEN)
    if merges:
        ledger.git("merge", "--quiet", "--no-edit", "work")
    return target


@pytest.mark.parametrize("revision", ["main", "v1", "HEAD~1", "refs/heads/main"])
def test_the_base_is_where_the_histories_parted_by_any_name_of_a_revision(
    ledger: WrittenLedger, check: Check, revision: str
) -> None:
    ledger.git("tag", "v1", "-m", "A tag")
    branch_off(ledger)
    ledger.git("checkout", "--quiet", "work")
    status, since, stderr = check("--since", revision)
    assert (status, since) == (1, ledger.first)
    assert f"compared with {ledger.first[:10]}, where this parted from {revision}" in stderr


def test_what_the_other_side_did_is_nobodys_change(ledger: WrittenLedger, check: Check) -> None:
    branch_off(ledger)
    ledger.git("checkout", "--quiet", "-b", "other", ledger.first)
    ledger.log("10-1")
    ledger.commit()
    assert check("--since", "work")[:2] == (0, ledger.first)


@pytest.mark.parametrize(
    ("branch", "revision", "said"),
    [
        ("island", "nowhere", "'nowhere' is no commit of this repository"),
        ("island", "main", "main and what is checked have no history in common"),
        ("island", "", "'' is no commit of this repository"),
        ("island", "a\nb", "is no commit of this repository"),
        ("", "main", "nothing is committed on the current branch"),
    ],
)
def test_an_unknown_or_unrelated_revision_is_no_base(
    ledger: WrittenLedger, check: Check, branch: str, revision: str, said: str
) -> None:
    ledger.git("checkout", "--quiet", "--orphan", "other")
    if branch:
        ledger.commit("Another beginning")
    status, _since, stderr = check("--since", revision)
    assert (status, said in stderr) == (2, True), stderr


def test_a_ledger_outside_git_has_no_history(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    assert ledger.run("check", "--since", "main", "--no-since").status == 2
    plain = tmp_path / "plain"
    (ledger.root / "customers").rename(plain)
    ran = punchcard(tmp_path, "--ledger", plain, "check", "--since", "main", "--as-of", AS_OF)
    assert (ran.status, "in no Git repository" in ran.stderr) == (2, True)


def test_nothing_is_compared_unasked_and_ci_without_a_base_says_so(
    ledger: WrittenLedger, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.alter()
    assert check() == (0, None, "")
    set_job(monkeypatch)
    status, since, stderr = check()
    assert (status, since, "history is not compared" in stderr) == (0, None, True)


@pytest.mark.parametrize(
    ("variables", "options", "said"),
    [
        ({"GITHUB_BASE_REF": "main"}, (), "where this parted from main, the request's target"),
        ({TARGET: "main", BASE: "FIRST"}, ("--single-branch",), "the request's target"),
    ],
)
def test_a_request_is_compared_with_its_target(
    ledger: WrittenLedger, check: Check, clone: Clone, monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str], options: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    branch_off(ledger)
    copy = clone("work", *options)
    values = {name: value.replace("FIRST", ledger.first) for name, value in variables.items()}
    set_job(monkeypatch, **values)
    status, since, stderr = check(folder=copy)
    assert (status, since, said in stderr) == (1, ledger.first, True), stderr


@pytest.mark.parametrize("options", [("--depth=2",), ()], ids=len)
def test_the_merge_that_github_makes_is_compared_with_its_first_parent(
    ledger: WrittenLedger, check: Check, clone: Clone, monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
) -> None:  # fmt: skip
    target, merge = branch_off(ledger, merges=True), ledger.git("rev-parse", "HEAD")
    set_job(monkeypatch, GITHUB_BASE_REF="main", GITHUB_REF="refs/pull/7/merge", GITHUB_SHA=merge)
    status, since, stderr = check(folder=clone("main", *options))
    assert (status, since, "the pull request's target, main" in stderr) == (1, target, True)


def test_a_merge_of_the_authors_own_is_not_taken_for_githubs(
    ledger: WrittenLedger, check: Check, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = branch_off(ledger)
    ledger.git("checkout", "--quiet", "work")
    ledger.git("merge", "--quiet", "--no-edit", "main")
    pull = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": "0" * 40}
    set_job(monkeypatch, GITHUB_BASE_REF="main", **pull)
    assert check(folder=clone("work"))[:2] == (1, target)


@pytest.mark.parametrize(
    "variables", [{"GITHUB_BASE_REF": "main"}, {TARGET: "main"}, {TARGET: "main", BASE: "FIRST"}]
)
def test_a_clone_too_shallow_for_the_base_never_passes(
    ledger: WrittenLedger, check: Check, clone: Clone, monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
) -> None:  # fmt: skip
    branch_off(ledger)
    values = {name: value.replace("FIRST", ledger.first) for name, value in variables.items()}
    set_job(monkeypatch, **values)
    status, _since, stderr = check(folder=clone("work", "--depth=1"))
    assert (status, "fetch-depth: 0" in stderr) == (2, True)


def test_a_shallow_clone_with_both_tips_but_not_where_they_parted_never_passes(
    ledger: WrittenLedger, check: Check, clone: Clone
) -> None:
    branch_off(ledger)
    copy = clone("work", "--depth=1", "--no-single-branch")
    status, _since, stderr = check("--since", "origin/main", folder=copy)
    assert (status, "too shallow" in stderr, "fetch-depth: 0" in stderr) == (2, True, True)


def merge_each_other(ledger: WrittenLedger) -> str:
    """Let ``main`` and ``work`` part twice; return the commit on main after the nearer place."""
    ledger.git("checkout", "--quiet", "-b", "old")
    ledger.log("04-9")
    ledger.commit("An old side branch")
    ledger.git("checkout", "--quiet", "main")
    ledger.log("05-9", 30, "ben")
    nearer = ledger.commit("Nearer", BEN)
    ledger.log("06-9", 15, "ben")
    after = ledger.commit("Main goes on", BEN)
    ledger.git("merge", "--quiet", "--no-edit", "old")
    ledger.git("checkout", "--quiet", "-b", "work", nearer)
    ledger.git("merge", "--quiet", "--no-edit", "old")
    return after


def test_histories_that_merged_each_other_are_compared_from_each_place_where_they_parted(
    ledger: WrittenLedger,
) -> None:
    merge_each_other(ledger)
    assert len(ledger.git("merge-base", "--all", "main", "work").split()) == 2
    for entry, file in (("04-9", TIME_FILE), ("05-9", TIME_FILE.replace("alice", "ben"))):
        ledger.replace(file, f"note: Work {entry}", "category: onboarding, note: x")
    ledger.commit()
    ran = ledger.run("check", "--since", "main")
    assert ran.status == 1
    for name in ("2026-11-alice/04-9", "2026-11-ben/05-9"):
        assert ran.stdout.count(f"entry {name} was altered: category nothing -> 'onboarding'") == 1


def test_a_base_beyond_which_history_is_cut_is_not_the_nearest_one_for_sure(
    ledger: WrittenLedger, check: Check
) -> None:
    after = merge_each_other(ledger)
    (ledger.root / ".git" / "shallow").write_text(f"{after}\n", encoding="ascii")
    assert len(ledger.git("merge-base", "--all", "main", "work").split()) == 1
    status, _since, stderr = check("--since", "main")
    assert (status, "too shallow" in stderr) == (2, True)


def test_a_shallow_clone_that_has_the_base_is_enough(
    ledger: WrittenLedger, check: Check, clone: Clone
) -> None:
    for day in range(10, 15):
        ledger.log(f"{day}-1")
        target = ledger.commit()
    ledger.git("checkout", "--quiet", "-b", "work")
    ledger.alter()
    copy = clone("work", "--depth=3")
    assert check("--since", target, folder=copy)[:2] == (1, target)


def test_after_a_merge_ci_compares_with_its_first_parent_and_no_other_revision(
    ledger: WrittenLedger, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = branch_off(ledger, merges=True)
    set_job(monkeypatch)
    status, since, stderr = check()
    assert (status, since) == (1, before)
    assert "what was there before the merge" in stderr
    assert check("--rev", ledger.first)[:2] == (0, None)
    assert check("--rev", "HEAD")[0] == 1


def test_a_merge_without_its_parents_never_passes(
    ledger: WrittenLedger, check: Check, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch_off(ledger, merges=True)
    copy = clone("main", "--depth=1")
    set_job(monkeypatch)
    status, _since, stderr = check(folder=copy)
    assert (status, "fetch-depth: 0" in stderr) == (2, True)
    assert check("--no-since", folder=copy) == (0, None, "")


def test_the_base_may_have_had_no_ledger(ledger: WrittenLedger, check: Check) -> None:
    ledger.git("mv", "customers", "elsewhere")
    before = ledger.commit("Before")
    ledger.git("mv", "elsewhere", "customers")
    ledger.commit("After")
    assert check("--since", before)[:2] == (0, before)


def test_what_a_merge_loses_of_any_of_its_parents_is_an_error_until_it_is_put_back(
    ledger: WrittenLedger,
) -> None:
    ledger.git("checkout", "--quiet", "-b", "work")
    ledger.log("09-1")
    ledger.log("09-2", 30)
    work = ledger.commit()
    ledger.git("checkout", "--quiet", "main")
    ledger.log("10-1")
    check = ("check", "--since", ledger.commit())
    ledger.git("merge", "--quiet", "--no-edit", "--strategy-option=ours", "work")
    merged = f"{work[:10]}, which {ledger.git('rev-parse', 'HEAD')[:10]} merged"
    ran = ledger.run(*check)
    assert (ran.status, ran.stdout.count("changed-history")) == (1, 2)
    for entry, line in (("09-1", 8), ("09-2", 9)):
        said = f"entry 2026-11-alice/{entry} was removed; it stood at {TIME_FILE}:{line} in "
        assert f"{said}{merged}" in ran.stdout
    audited = ledger.run("audit")
    assert (audited.status, f"in {merged}" in audited.stdout) == (1, True)
    ledger.log("09-1")
    ledger.log("09-2", 30)
    ledger.commit()
    assert ledger.run(*check).status == 0
    assert "  put back by " in ledger.run.done("audit")


def test_what_one_side_of_a_merge_amended_of_its_own_is_not_lost_on_the_other(
    ledger: WrittenLedger,
) -> None:
    ledger.git("checkout", "--quiet", "-b", "work")
    ledger.log("09-1")
    ledger.commit()
    ledger.git("checkout", "--quiet", "-b", "next")
    ledger.log("10-1", consultant="ben")
    ledger.commit(author=BEN)
    ledger.git("checkout", "--quiet", "work")
    ledger.replace(TIME_FILE, "minutes: 15", "minutes: 30")
    ledger.commit()
    ledger.git("checkout", "--quiet", "next")
    ledger.git("merge", "--quiet", "--no-edit", "work")
    ran = ledger.run("check", "--since", "main")
    assert (ran.status, "0 errors, 0 warnings" in ran.stdout) == (0, True), ran.stdout


def test_warnings_that_were_there_are_counted_and_new_ones_shown(ledger: WrittenLedger) -> None:
    ledger.replace("customers/acme/customer.yml", "type: commercial", "type: evaluation")
    support = "category: technical-support, note: A how-to"
    ledger.log("09-1")
    ledger.replace(TIME_FILE, "note: Work 09-1", support)
    ledger.commit()
    ledger.replace(TIME_FILE, "# the long one", "# the long one,\n# and more")  # lines move
    ledger.git("checkout", "--quiet", "-b", "work")
    options = ("check", "--since", "main", "--no-cache")
    ran = ledger.run(*options, "--strict")
    assert (ran.status, "support-entitlement" in ran.stdout) == (0, False)
    assert "0 errors, 0 warnings; 1 earlier warning not shown" in ran.stdout
    ledger.log("10-1")
    ledger.replace(TIME_FILE, "note: Work 10-1", support)
    answer = json.loads(ledger.run(*options, "--format", "json").stdout)
    assert (answer["warnings"], answer["standing_warnings"]) == (1, 1)
    assert [problem["rule"] for problem in answer["problems"]] == ["support-entitlement"]
    assert ledger.run(*options, "--strict").status == 1
