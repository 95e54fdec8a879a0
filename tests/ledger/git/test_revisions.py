"""Reading at any revision, in every kind of repository, without touching or running anything."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, FILES, TIME_FILE, WrittenLedger, read_balance


def test_a_branch_a_tag_and_a_hash_name_what_was_known_then(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("tag", "light")
    ledger.git("tag", "annotated", "-m", "A tag")
    ledger.git("branch", "then")
    ledger.log("09-1", 30)
    now = ledger.commit()
    for name in ("light", "annotated", "then", ledger.first, ledger.first[:8], "HEAD~1", "main^"):
        then = read_balance(punchcard, ledger.root, "--rev", name)
        assert (then["used_minutes"], then["revision"]) == (105, ledger.first)
    head = read_balance(punchcard, ledger.root, "--rev", "main")
    assert (head["used_minutes"], head["revision"]) == (135, now)


def test_rev_and_as_of_together_tell_what_was_known_from_what_was_so(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("04-1", 30)
    ledger.commit("A late entry")
    early = ["balance", "--as-of", "2026-11-04", "--format", "json"]
    known_then = json.loads(punchcard(ledger.root, *early, "--rev", ledger.first).stdout)
    so_then = json.loads(punchcard(ledger.root, *early).stdout)
    assert (known_then[0]["used_minutes"], so_then[0]["used_minutes"]) == (45, 75)


@pytest.mark.parametrize("command", ["check", "balance", "expiries", "statement"])
def test_every_command_that_computes_reads_a_revision(
    punchcard: RunPunchcard, ledger: WrittenLedger, command: str
) -> None:
    arguments = [command, *(["acme"] if command == "statement" else []), "--as-of", AS_OF]
    before = punchcard(ledger.root, *arguments, "--format", "json").stdout
    for name in FILES:
        (ledger.root / name).write_text("not: [a ledger\n", encoding="utf-8")
    after = punchcard(ledger.root, *arguments, "--rev", "HEAD", "--format", "json")
    assert (after.status, after.stdout) == (0, before)


def test_reading_a_revision_leaves_the_work_tree_and_the_index_alone(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("09-1")
    ledger.git("add", "--all")
    ledger.log("10-1")
    before = fingerprint(ledger.root)
    for command in (["check", "--since", "HEAD"], ["balance"], ["statement", "acme"]):
        punchcard(ledger.root, *command, "--rev", "HEAD", "--as-of", AS_OF)
    punchcard(ledger.root, "check", "--since", "HEAD", "--as-of", AS_OF)
    assert fingerprint(ledger.root) == before


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_bare_repository_is_read_at_its_head_or_a_revision(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(ledger.root), str(bare))
    assert read_balance(punchcard, bare)["used_minutes"] == 135
    assert read_balance(punchcard, bare, "--rev", "HEAD~1")["used_minutes"] == 105
    ran = punchcard(bare, "check", "--since", "HEAD~1", "--as-of", AS_OF)
    assert ran.status == 0
    ran = punchcard(tmp_path, "--ledger", bare, "balance", "--as-of", AS_OF, "--format", "json")
    assert json.loads(ran.stdout)[0]["used_minutes"] == 135


def test_a_detached_head_is_a_commit_like_others(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    ledger.git("checkout", "--quiet", "--detach", ledger.first)
    balance = read_balance(punchcard, ledger.root)
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)


def test_a_linked_work_tree_has_its_own_head(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    linked = tmp_path / "linked"
    ledger.git("worktree", "add", "--quiet", "--detach", str(linked), ledger.first)
    assert read_balance(punchcard, linked)["revision"] == ledger.first
    assert read_balance(punchcard, linked, "--rev", "main")["used_minutes"] == 135
    (linked / TIME_FILE).unlink()
    assert read_balance(punchcard, linked)["revision"] is None
    ran = punchcard(linked, "check", "--since", "main", "--as-of", AS_OF)
    assert "entry 2026-11-alice/03-1 was removed" in ran.stdout


def test_a_ledger_that_is_a_submodule_is_a_repository_of_its_own(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    outer = tmp_path / "outer"
    git(tmp_path, "init", "--quiet", str(outer))
    git(
        outer,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(ledger.root),
        "books",
    )
    git(outer, "commit", "--quiet", "--message=Outer")
    balance = read_balance(punchcard, outer / "books")
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)
    assert read_balance(punchcard, outer / "books", "--rev", "HEAD")["revision"] == ledger.first


def test_an_octopus_and_a_rebase_are_history_like_any_other(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    for number, day in enumerate(("10", "11", "12")):
        ledger.git("checkout", "--quiet", "-b", f"arm{number}", ledger.first)
        ledger.write(
            f"customers/acme/requests/ACME-{number + 2}.yml",
            f"""\
            title: Arm {number}
            category: onboarding
            opened: 2026-11-{day}
            opened_by: alice
            channel: punchcard
            """,
        )
        ledger.commit()
    ledger.git("checkout", "--quiet", "main")
    ledger.git("merge", "--quiet", "--no-edit", "arm0", "arm1", "arm2")
    assert len(ledger.git("rev-parse", "HEAD^@").split()) == 3
    ran = punchcard(ledger.root, "check", "--since", ledger.first, "--as-of", AS_OF)
    assert (ran.status, "0 errors, 0 warnings" in ran.stdout) == (0, True)
    ledger.log("13-1")
    upstream = ledger.commit()
    ledger.git("checkout", "--quiet", "arm2")
    ledger.git("rebase", "--quiet", "main")
    ran = punchcard(ledger.root, "check", "--since", "main", "--as-of", AS_OF, "--format", "json")
    assert (ran.status, json.loads(ran.stdout)["since"]) == (0, upstream)


def test_on_an_unborn_branch_the_work_tree_is_read_and_there_is_no_revision(
    punchcard: RunPunchcard, tmp_path: Path, ledger: WrittenLedger
) -> None:
    root = tmp_path / "new"
    git(tmp_path, "init", "--quiet", str(root))
    (ledger.root / "customers").rename(root / "customers")
    assert read_balance(punchcard, root)["revision"] is None
    git(root, "add", "--all")
    assert read_balance(punchcard, root)["revision"] is None
    ran = punchcard(root, "balance", "--rev", "HEAD")
    assert ran.status == 2
    assert ran.stderr == (
        "punchcard: error: 'HEAD' is no commit of this repository "
        "(nothing is committed yet; commit the ledger first)\n"
    )


def test_a_dirty_work_tree_has_no_revision_but_other_files_do_not_matter(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    (ledger.root / "README.md").write_text("Not the ledger.", encoding="utf-8")
    (ledger.root / "customers" / ".notes.swp").write_text("An editor's.", encoding="utf-8")
    assert read_balance(punchcard, ledger.root)["revision"] == ledger.first
    ledger.log("09-1")
    assert read_balance(punchcard, ledger.root)["revision"] is None
    ledger.git("add", TIME_FILE)
    assert read_balance(punchcard, ledger.root)["revision"] is None


def test_names_with_spaces_quotes_and_other_letters_are_read_as_they_are(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    names = ["two words.yml", 'quo"ted.yml', "Žluťoučký kůň.yml", "line\nbreak.yml", "*.yml"]
    for name in names:
        (ledger.root / "customers" / "acme" / name).write_text("x", encoding="utf-8")
    work_tree = punchcard(ledger.root, "check", "--as-of", AS_OF, "--format", "json")
    ledger.commit()
    commit = punchcard(ledger.root, "check", "--as-of", AS_OF, "--format", "json", "--rev", "HEAD")
    for ran in (work_tree, commit):
        assert ran.status == 1
        files = {item["file"] for item in json.loads(ran.stdout)["problems"]}
        assert "customers/acme/two words.yml" in files
        assert "customers/acme/Žluťoučký kůň.yml" in files
        assert len(files) == len(names)


def test_a_ledger_in_a_folder_with_a_difficult_name(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    folder = "ours [a*] & Söhne"
    ledger.git("mv", "customers", folder)
    ledger.commit()
    for options in ([], ["--rev", "HEAD"]):
        ran = punchcard(
            ledger.root,
            "--ledger",
            folder,
            "balance",
            "--as-of",
            AS_OF,
            "--format",
            "json",
            *options,
        )
        assert json.loads(ran.stdout)[0]["used_minutes"] == 105
    path = ledger.root / folder / "acme" / "time" / "2026-11-alice.yml"
    path.write_text("[]\n", encoding="utf-8")
    ran = punchcard(ledger.root, "--ledger", folder, "check", "--since", "HEAD", "--as-of", AS_OF)
    assert f"{folder}/acme/time/2026-11-alice.yml:1:1: error[changed-history]" in ran.stdout


@pytest.mark.parametrize("name", ["--output=marker", "-omarker", "--help", "--all"])
def test_a_branch_that_looks_like_an_option_is_a_branch(
    punchcard: RunPunchcard, ledger: WrittenLedger, name: str
) -> None:
    ledger.git("update-ref", f"refs/heads/{name}", ledger.first)
    ledger.log("09-1", 30)
    ledger.commit()
    before = fingerprint(ledger.root)
    balance = read_balance(punchcard, ledger.root, f"--rev={name}")
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)
    ran = punchcard(ledger.root, "check", f"--since={name}", "--as-of", AS_OF, "--format", "json")
    assert (ran.status, json.loads(ran.stdout)["since"]) == (0, ledger.first)
    assert fingerprint(ledger.root) == before


@pytest.mark.parametrize("rev", ["", "HEAD..main", "^HEAD", "HEAD:customers", "a\0b", "x" * 9000])
def test_what_is_no_revision_is_said_in_one_line(
    punchcard: RunPunchcard, ledger: WrittenLedger, rev: str
) -> None:
    ran = punchcard(ledger.root, "balance", f"--rev={rev}")
    assert ran.status == 2
    assert "is no commit of this repository" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_revision_without_the_ledger_is_said(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("mv", "customers", "elsewhere")
    ledger.commit()
    ran = punchcard(ledger.root, "balance", "--rev", "HEAD")
    assert (ran.status, "there is no customers in HEAD" in ran.stderr) == (2, True)
