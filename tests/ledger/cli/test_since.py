"""What ``punchcard check`` compares with: by option, or by the variables of a CI job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, TIME_FILE, WrittenLedger


def check_since(punchcard: RunPunchcard, folder: Path, *options: str) -> tuple[int, object, str]:
    ran = punchcard(folder, "check", "--as-of", AS_OF, "--format", "json", *options)
    since = json.loads(ran.stdout).get("since") if ran.stdout else None
    return ran.status, since, ran.stderr


def alter(ledger: WrittenLedger) -> str:
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    return ledger.commit("Alter an entry")


def branch_off(ledger: WrittenLedger) -> None:
    """Let ``work`` alter an entry while ``main`` goes on."""
    ledger.git("checkout", "--quiet", "-b", "work")
    alter(ledger)
    ledger.git("checkout", "--quiet", "main")
    ledger.log("09-1", consultant="ben")
    ledger.commit("Go on", "Ben <ben@example.com>")


def clone(ledger: WrittenLedger, folder: Path, *options: str, branch: str = "main") -> Path:
    """Clone over a transport, so that depth is obeyed."""
    url = f"file://{ledger.root}"
    git(ledger.root, "clone", "--quiet", "--branch", branch, *options, url, str(folder))
    return folder


def test_the_base_is_where_the_histories_parted(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    branch_off(ledger)
    ledger.git("checkout", "--quiet", "work")
    status, since, stderr = check_since(punchcard, ledger.root, "--since", "main")
    assert (status, since) == (1, ledger.first)
    assert f"compared with {ledger.first[:10]}, where this parted from main" in stderr


def test_what_the_other_side_did_is_nobodys_change(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    branch_off(ledger)
    ledger.git("checkout", "--quiet", "-b", "other", ledger.first)
    ledger.log("10-1")
    ledger.commit()
    assert check_since(punchcard, ledger.root, "--since", "work")[:2] == (0, ledger.first)


@pytest.mark.parametrize("revision", ["main", "v1", "HEAD~1", "refs/heads/main"])
def test_any_name_of_a_revision_will_do(
    punchcard: RunPunchcard, ledger: WrittenLedger, revision: str
) -> None:
    ledger.git("tag", "v1", "-m", "A tag")
    ledger.git("checkout", "--quiet", "-b", "work")
    alter(ledger)
    assert check_since(punchcard, ledger.root, "--since", revision)[:2] == (1, ledger.first)


def test_an_unknown_or_unrelated_revision_is_no_base(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("checkout", "--quiet", "--orphan", "island")
    ledger.commit("Another beginning")
    for revision, said in (
        ("nowhere", "'nowhere' is no commit of this repository"),
        ("main", "main and what is checked have no history in common"),
        ("", "'' is no commit of this repository"),
        ("a\nb", "is no commit of this repository"),
    ):
        status, _since, stderr = check_since(punchcard, ledger.root, "--since", revision)
        assert status == 2
        assert said in stderr


def test_without_a_commit_there_is_no_history_to_compare(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("checkout", "--quiet", "--orphan", "empty")
    status, _since, stderr = check_since(punchcard, ledger.root, "--since", "main")
    assert status == 2
    assert "nothing is committed on the current branch" in stderr


def test_since_and_no_since_exclude_each_other(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    assert check_since(punchcard, ledger.root, "--since", "main", "--no-since")[0] == 2


def test_a_ledger_outside_git_has_no_history(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ledger = WrittenLedger(tmp_path / "ledger")
    plain = tmp_path / "plain"
    (ledger.root / "customers").rename(plain)
    ran = punchcard(tmp_path, "--ledger", plain, "check", "--since", "main", "--as-of", AS_OF)
    assert ran.status == 2
    assert "in no Git repository" in ran.stderr


def test_outside_ci_nothing_is_compared_unasked(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    alter(ledger)
    assert check_since(punchcard, ledger.root) == (0, None, "")


def test_a_pull_request_is_compared_with_its_target(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    branch_off(ledger)
    copy = clone(ledger, tmp_path / "copy", branch="work")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    status, since, stderr = check_since(punchcard, copy)
    assert (status, since) == (1, ledger.first)
    assert "where this parted from main, the request's target" in stderr


@pytest.mark.parametrize("depth", [2, 0])
def test_the_merge_that_github_makes_is_compared_with_its_first_parent(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    depth: int,
) -> None:
    branch_off(ledger)
    target = ledger.git("rev-parse", "main")
    ledger.git("merge", "--quiet", "--no-edit", "work")
    merge = ledger.git("rev-parse", "HEAD")
    copy = clone(ledger, tmp_path / "copy", *([f"--depth={depth}"] if depth else []))
    set_github_pull_request(monkeypatch, merge)
    status, since, stderr = check_since(punchcard, copy)
    assert (status, since) == (1, target)
    assert "the pull request's target, main" in stderr


def set_github_pull_request(monkeypatch: pytest.MonkeyPatch, merge: str) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
    monkeypatch.setenv("GITHUB_SHA", merge)


def test_a_merge_of_the_authors_own_is_not_taken_for_githubs(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    branch_off(ledger)
    ledger.git("checkout", "--quiet", "work")
    ledger.git("merge", "--quiet", "--no-edit", "main")
    target = ledger.git("rev-parse", "main")
    copy = clone(ledger, tmp_path / "copy", branch="work")
    set_github_pull_request(monkeypatch, merge="0" * 40)
    assert check_since(punchcard, copy)[:2] == (1, target)


@pytest.mark.parametrize(
    "variables",
    [
        {"GITHUB_BASE_REF": "main"},
        {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"},
        {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "FIRST"},
    ],
)
def test_a_clone_too_shallow_for_the_base_never_passes(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
) -> None:
    branch_off(ledger)
    copy = clone(ledger, tmp_path / "copy", "--depth=1", branch="work")
    monkeypatch.setenv("CI", "true")
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("FIRST", ledger.first))
    status, _since, stderr = check_since(punchcard, copy)
    assert status == 2
    assert "fetch-depth: 0" in stderr


def test_a_shallow_clone_with_both_tips_but_not_where_they_parted_never_passes(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    branch_off(ledger)
    copy = clone(ledger, tmp_path / "copy", "--depth=1", "--no-single-branch", branch="work")
    status, _since, stderr = check_since(punchcard, copy, "--since", "origin/main")
    assert status == 2
    assert "too shallow" in stderr
    assert "fetch-depth: 0" in stderr


def merge_each_other(ledger: WrittenLedger) -> tuple[str, str]:
    """Let ``main`` and ``work`` part twice; return the commit on main, and what follows it."""
    ledger.git("checkout", "--quiet", "-b", "old")
    ledger.log("04-9")
    ledger.commit("An old side branch")
    ledger.git("checkout", "--quiet", "main")
    ledger.log("05-9", 30, "ben")
    nearer = ledger.commit("Nearer", "Ben <ben@example.com>")
    ledger.log("06-9", 15, "ben")
    after = ledger.commit("Main goes on", "Ben <ben@example.com>")
    ledger.git("merge", "--quiet", "--no-edit", "old")
    ledger.git("checkout", "--quiet", "-b", "work", nearer)
    ledger.git("merge", "--quiet", "--no-edit", "old")
    return nearer, after


def test_histories_that_merged_each_other_are_compared_from_each_place_where_they_parted(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    merge_each_other(ledger)
    assert len(ledger.git("merge-base", "--all", "main", "work").split()) == 2
    for entry, file in (("04-9", TIME_FILE), ("05-9", TIME_FILE.replace("alice", "ben"))):
        text = (ledger.root / file).read_text(encoding="utf-8")
        ledger.write(file, text.replace(f"note: Work {entry}", "category: onboarding, note: x"))
    ledger.commit()
    ran = punchcard(ledger.root, "check", "--since", "main", "--as-of", AS_OF)
    assert ran.status == 1
    for name in ("2026-11-alice/04-9", "2026-11-ben/05-9"):
        assert ran.stdout.count(f"entry {name} was altered: category nothing -> 'onboarding'") == 1


def test_a_base_beyond_which_history_is_cut_is_not_the_nearest_one_for_sure(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    _nearer, after = merge_each_other(ledger)
    (ledger.root / ".git" / "shallow").write_text(f"{after}\n", encoding="ascii")
    assert len(ledger.git("merge-base", "--all", "main", "work").split()) == 1
    status, _since, stderr = check_since(punchcard, ledger.root, "--since", "main")
    assert (status, "too shallow" in stderr) == (2, True)


def test_a_shallow_clone_that_has_the_base_is_enough(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    for day in range(10, 15):
        ledger.log(f"{day}-1")
        ledger.commit()
    target = ledger.git("rev-parse", "HEAD")
    ledger.git("checkout", "--quiet", "-b", "work")
    alter(ledger)
    copy = clone(ledger, tmp_path / "copy", "--depth=3", branch="work")
    assert check_since(punchcard, copy, "--since", target)[:2] == (1, target)


def test_a_merge_request_is_compared_with_its_target(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    branch_off(ledger)
    copy = clone(ledger, tmp_path / "copy", "--single-branch", branch="work")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", ledger.first)
    assert check_since(punchcard, copy)[:2] == (1, ledger.first)


def test_after_a_merge_ci_compares_with_its_first_parent(
    punchcard: RunPunchcard, ledger: WrittenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch_off(ledger)
    before = ledger.git("rev-parse", "main")
    ledger.git("merge", "--quiet", "--no-edit", "work")
    monkeypatch.setenv("CI", "true")
    status, since, stderr = check_since(punchcard, ledger.root)
    assert (status, since) == (1, before)
    assert "what was there before the merge" in stderr


def test_a_merge_without_its_parents_never_passes(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    branch_off(ledger)
    ledger.git("merge", "--quiet", "--no-edit", "work")
    copy = clone(ledger, tmp_path / "copy", "--depth=1")
    monkeypatch.setenv("CI", "true")
    status, _since, stderr = check_since(punchcard, copy)
    assert (status, "fetch-depth: 0" in stderr) == (2, True)
    assert check_since(punchcard, copy, "--no-since") == (0, None, "")


def test_ci_without_anything_to_compare_with_says_so(
    punchcard: RunPunchcard, ledger: WrittenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    status, since, stderr = check_since(punchcard, ledger.root)
    assert (status, since) == (0, None)
    assert "history is not compared" in stderr


def test_another_revision_is_not_compared_with_the_base_of_head(
    punchcard: RunPunchcard, ledger: WrittenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch_off(ledger)
    ledger.git("merge", "--quiet", "--no-edit", "work")
    monkeypatch.setenv("CI", "true")
    assert check_since(punchcard, ledger.root, "--rev", ledger.first)[:2] == (0, None)
    assert check_since(punchcard, ledger.root, "--rev", "HEAD")[0] == 1


def test_the_base_may_have_had_no_ledger(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ledger = WrittenLedger(tmp_path / "ledger")
    ledger.git("mv", "customers", "elsewhere")
    before = ledger.commit("Before")
    ledger.git("mv", "elsewhere", "customers")
    ledger.commit("After")
    assert check_since(punchcard, ledger.root, "--since", before)[:2] == (0, before)


def lose_in_merge(ledger: WrittenLedger) -> str:
    """Let main merge a branch whose entries it loses; return main's commit before."""
    ledger.git("checkout", "--quiet", "-b", "work")
    ledger.log("09-1")
    ledger.log("09-2", 30)
    ledger.commit()
    ledger.git("checkout", "--quiet", "main")
    ledger.log("10-1")
    before = ledger.commit()
    ledger.git("merge", "--quiet", "--no-edit", "--strategy-option=ours", "work")
    return before


def test_what_a_merge_loses_of_any_of_its_parents_is_an_error_until_it_is_put_back(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    before = lose_in_merge(ledger)
    work, merge = ledger.git("rev-parse", "work"), ledger.git("rev-parse", "HEAD")
    check = ("check", "--since", before, "--as-of", AS_OF)
    ran = punchcard(ledger.root, *check)
    assert (ran.status, ran.stdout.count("changed-history")) == (1, 2)
    for entry, line in (("09-1", 8), ("09-2", 9)):
        said = f"entry 2026-11-alice/{entry} was removed; it stood at {TIME_FILE}:{line} in "
        assert f"{said}{work[:10]}, which {merge[:10]} merged" in ran.stdout
    audited = punchcard(ledger.root, "audit")
    assert (audited.status, f"in {work[:10]}, which {merge[:10]} merged" in audited.stdout) == (
        1,
        True,
    )
    ledger.log("09-1")
    ledger.log("09-2", 30)
    ledger.commit()
    assert punchcard(ledger.root, *check).status == 0
    audited = punchcard(ledger.root, "audit")
    assert (audited.status, "  put back by " in audited.stdout) == (0, True)


def test_what_one_side_of_a_merge_amended_of_its_own_is_not_lost_on_the_other(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("checkout", "--quiet", "-b", "work")
    ledger.log("09-1")
    ledger.commit()
    ledger.git("checkout", "--quiet", "-b", "next")
    ledger.log("10-1", consultant="ben")
    ledger.commit(author="Ben <ben@example.com>")
    ledger.git("checkout", "--quiet", "work")
    ledger.replace(TIME_FILE, "minutes: 15", "minutes: 30")
    ledger.commit()
    ledger.git("checkout", "--quiet", "next")
    ledger.git("merge", "--quiet", "--no-edit", "work")
    ran = punchcard(ledger.root, "check", "--since", "main", "--as-of", AS_OF)
    assert (ran.status, "0 errors, 0 warnings" in ran.stdout) == (0, True), ran.stdout


def test_warnings_that_were_there_are_counted_and_new_ones_shown(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace("customers/acme/customer.yml", "type: commercial", "type: evaluation")
    support = "category: technical-support, note: A how-to"
    ledger.log("09-1")
    ledger.replace(TIME_FILE, "note: Work 09-1", support)
    ledger.commit()
    ledger.replace(TIME_FILE, "# the long one", "# the long one,\n# and more")  # lines move
    ledger.git("checkout", "--quiet", "-b", "work")
    options = ("check", "--since", "main", "--as-of", AS_OF, "--no-cache")
    ran = punchcard(ledger.root, *options, "--strict")
    assert (ran.status, "support-entitlement" in ran.stdout) == (0, False)
    assert "0 errors, 0 warnings; 1 earlier warning not shown" in ran.stdout
    ledger.log("10-1")
    ledger.replace(TIME_FILE, "note: Work 10-1", support)
    ran = punchcard(ledger.root, *options, "--format", "json")
    answer = json.loads(ran.stdout)
    assert (answer["warnings"], answer["standing_warnings"]) == (1, 1)
    assert [problem["rule"] for problem in answer["problems"]] == ["support-entitlement"]
    assert punchcard(ledger.root, *options, "--strict").status == 1
