"""Reading at any revision, in every kind of repository, without touching or running anything."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.conftest import git
from tests.ledger.git.written_ledger import AS_OF, FILES, TIME_FILE, WrittenLedger


def test_a_branch_a_tag_and_a_hash_name_what_was_known_then(ledger: WrittenLedger) -> None:
    ledger.git("tag", "light")
    ledger.git("tag", "annotated", "-m", "A tag")
    ledger.git("branch", "then")
    ledger.log("09-1", 30)
    now = ledger.commit()
    for name in ("light", "annotated", "then", ledger.first, ledger.first[:8], "HEAD~1", "main^"):
        then = ledger.read_balance("--rev", name)
        assert (then["used_minutes"], then["revision"]) == (105, ledger.first)
    head = ledger.read_balance("--rev", "main")
    assert (head["used_minutes"], head["revision"]) == (135, now)


def test_rev_and_as_of_together_tell_what_was_known_from_what_was_so(ledger: WrittenLedger) -> None:
    ledger.log("04-1", 30)
    ledger.commit("A late entry")
    early = ["balance", "--as-of", "2026-11-04", "--format", "json"]
    known_then = json.loads(ledger.run(*early, "--rev", ledger.first).stdout)
    so_then = json.loads(ledger.run(*early).stdout)
    assert (known_then[0]["used_minutes"], so_then[0]["used_minutes"]) == (45, 75)


@pytest.mark.parametrize("command", ["check", "balance", "expiries", "statement"])
def test_every_command_that_computes_reads_a_revision(ledger: WrittenLedger, command: str) -> None:
    arguments = [command, *(["acme"] if command == "statement" else []), "--as-of", AS_OF]
    before = ledger.run(*arguments, "--format", "json").stdout
    for name in FILES:
        (ledger.root / name).write_text("not: [a ledger\n", encoding="utf-8")
    after = ledger.run(*arguments, "--rev", "HEAD", "--format", "json")
    assert (after.status, after.stdout) == (0, before)


def test_reading_a_revision_leaves_the_work_tree_and_the_index_alone(ledger: WrittenLedger) -> None:
    ledger.log("09-1")
    ledger.git("add", "--all")
    ledger.log("10-1")
    before = fingerprint(ledger.root)
    for command in (["check", "--since", "HEAD"], ["balance"], ["statement", "acme"]):
        ledger.run(*command, "--rev", "HEAD", "--as-of", AS_OF)
    ledger.check("--since", "HEAD")
    assert fingerprint(ledger.root) == before


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_bare_repository_is_read_at_its_head_or_a_revision(
    ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    bare = ledger.clone(tmp_path / "bare.git", "--bare")
    assert ledger.read_balance(at=bare)["used_minutes"] == 135
    assert ledger.read_balance("--rev", "HEAD~1", at=bare)["used_minutes"] == 105
    ran = ledger.check("--since", "HEAD~1", at=bare)
    assert ran.status == 0
    ran = ledger.run("--ledger", bare, "balance", "--as-of", AS_OF, "--format", "json", at=tmp_path)
    assert json.loads(ran.stdout)[0]["used_minutes"] == 135


def test_a_detached_head_is_a_commit_like_others(ledger: WrittenLedger) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    ledger.git("checkout", "--quiet", "--detach", ledger.first)
    balance = ledger.read_balance()
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)


def test_a_linked_work_tree_has_its_own_head(ledger: WrittenLedger, tmp_path: Path) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    linked = tmp_path / "linked"
    ledger.git("worktree", "add", "--quiet", "--detach", str(linked), ledger.first)
    assert ledger.read_balance(at=linked)["revision"] == ledger.first
    assert ledger.read_balance("--rev", "main", at=linked)["used_minutes"] == 135
    (linked / TIME_FILE).unlink()
    assert ledger.read_balance(at=linked)["revision"] is None
    ran = ledger.check("--since", "main", at=linked)
    assert "entry 2026-11-alice/03-1 was removed" in ran.stdout


def test_a_ledger_that_is_a_submodule_is_a_repository_of_its_own(
    ledger: WrittenLedger, tmp_path: Path
) -> None:
    outer = tmp_path / "outer"
    git(tmp_path, "init", "--quiet", str(outer))
    allow = ("-c", "protocol.file.allow=always")
    git(outer, *allow, "submodule", "--quiet", "add", str(ledger.root), "books")
    git(outer, "commit", "--quiet", "--message=Outer")
    balance = ledger.read_balance(at=outer / "books")
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)
    assert ledger.read_balance("--rev", "HEAD", at=outer / "books")["revision"] == ledger.first


def test_an_octopus_and_a_rebase_are_history_like_any_other(ledger: WrittenLedger) -> None:
    for number, day in enumerate(("10", "11", "12")):
        ledger.git("checkout", "--quiet", "-b", f"arm{number}", ledger.first)
        said = f"category: onboarding, opened: 2026-11-{day}, opened_by: alice, channel: punchcard"
        file = f"customers/acme/requests/ACME-{number + 2}.yml"
        ledger.write(file, f"{{title: Arm {number}, {said}}}\n")
        ledger.commit()
    ledger.git("checkout", "--quiet", "main")
    ledger.git("merge", "--quiet", "--no-edit", "arm0", "arm1", "arm2")
    assert len(ledger.git("rev-parse", "HEAD^@").split()) == 3
    ran = ledger.check("--since", ledger.first)
    assert (ran.status, "0 errors, 0 warnings" in ran.stdout) == (0, True)
    ledger.log("13-1")
    upstream = ledger.commit()
    ledger.git("checkout", "--quiet", "arm2")
    ledger.git("rebase", "--quiet", "main")
    ran = ledger.check("--since", "main", "--format", "json")
    assert (ran.status, json.loads(ran.stdout)["since"]) == (0, upstream)


def test_on_an_unborn_branch_the_work_tree_is_read_and_there_is_no_revision(
    tmp_path: Path, ledger: WrittenLedger
) -> None:
    root = tmp_path / "new"
    git(tmp_path, "init", "--quiet", str(root))
    (ledger.root / "customers").rename(root / "customers")
    assert ledger.read_balance(at=root)["revision"] is None
    git(root, "add", "--all")
    assert ledger.read_balance(at=root)["revision"] is None
    ran = ledger.run("balance", "--rev", "HEAD", at=root)
    assert ran.status == 2
    assert ran.stderr == (
        "punchcard: error: 'HEAD' is no commit of this repository "
        "(nothing is committed yet; commit the ledger first)\n"
    )


def test_a_dirty_work_tree_has_no_revision_but_other_files_do_not_matter(
    ledger: WrittenLedger,
) -> None:
    (ledger.root / "README.md").write_text("Not the ledger.", encoding="utf-8")
    (ledger.root / "customers" / ".notes.swp").write_text("An editor's.", encoding="utf-8")
    assert ledger.read_balance()["revision"] == ledger.first
    ledger.log("09-1")
    assert ledger.read_balance()["revision"] is None
    ledger.git("add", TIME_FILE)
    assert ledger.read_balance()["revision"] is None


def test_names_with_spaces_quotes_and_other_letters_are_read_as_they_are(
    ledger: WrittenLedger,
) -> None:
    names = ["two words.yml", 'quo"ted.yml', "Žluťoučký kůň.yml", "line\nbreak.yml", "*.yml"]
    for name in names:
        (ledger.root / "customers" / "acme" / name).write_text("x", encoding="utf-8")
    work_tree = ledger.check("--format", "json")
    ledger.commit()
    commit = ledger.check("--format", "json", "--rev", "HEAD")
    for ran in (work_tree, commit):
        assert ran.status == 1
        files = {item["file"] for item in json.loads(ran.stdout)["problems"]}
        assert "customers/acme/two words.yml" in files
        assert "customers/acme/Žluťoučký kůň.yml" in files
        assert len(files) == len(names)


def test_a_ledger_in_a_folder_with_a_difficult_name(ledger: WrittenLedger) -> None:
    folder = "ours [a*] & Söhne"
    ledger.git("mv", "customers", folder)
    ledger.commit()
    for options in ([], ["--rev", "HEAD"]):
        named = ("--ledger", folder, "balance", "--as-of", AS_OF, *options)
        assert ledger.ask(*named)[0]["used_minutes"] == 105
    path = ledger.root / folder / "acme" / "time" / "2026-11-alice.yml"
    path.write_text("[]\n", encoding="utf-8")
    ran = ledger.run("--ledger", folder, "check", "--since", "HEAD", "--as-of", AS_OF)
    assert f"{folder}/acme/time/2026-11-alice.yml:1:1: error[changed-history]" in ran.stdout


@pytest.mark.parametrize("name", ["--output=marker", "-omarker", "--help", "--all"])
def test_a_branch_that_looks_like_an_option_is_a_branch(ledger: WrittenLedger, name: str) -> None:
    ledger.git("update-ref", f"refs/heads/{name}", ledger.first)
    ledger.log("09-1", 30)
    ledger.commit()
    before = fingerprint(ledger.root)
    balance = ledger.read_balance(f"--rev={name}")
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)
    ran = ledger.check(f"--since={name}", "--format", "json")
    assert (ran.status, json.loads(ran.stdout)["since"]) == (0, ledger.first)
    assert fingerprint(ledger.root) == before


@pytest.mark.parametrize("rev", ["", "HEAD..main", "^HEAD", "HEAD:customers", "a\0b", "x" * 9000])
def test_what_is_no_revision_is_said_in_one_line(ledger: WrittenLedger, rev: str) -> None:
    ran = ledger.run("balance", f"--rev={rev}")
    assert ran.status == 2
    assert "is no commit of this repository" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_revision_without_the_ledger_is_said(ledger: WrittenLedger) -> None:
    ledger.git("mv", "customers", "elsewhere")
    ledger.commit()
    ran = ledger.run("balance", "--rev", "HEAD")
    assert (ran.status, "there is no customers in HEAD" in ran.stderr) == (2, True)
