"""Reading at any revision, in every kind of repository, without touching or running anything."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, FILES, TIME_FILE, WrittenLedger


@pytest.fixture
def ledger(tmp_path: Path) -> WrittenLedger:
    return WrittenLedger(tmp_path / "ledger")


def read_balance(punchcard: RunPunchcard, folder: Path, *options: object) -> dict[str, Any]:
    ran = punchcard(folder, "balance", "--as-of", AS_OF, "--format", "json", *options)
    assert ran.status == 0, ran.stderr
    [balance] = json.loads(ran.stdout)
    return dict(balance)


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


@pytest.mark.parametrize("at_revision", [False, True])
def test_links_and_submodules_in_the_ledger_are_refused(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path, at_revision: bool
) -> None:
    secret = tmp_path / "secret.yml"
    secret.write_text("- {id: 20-1}\n", encoding="utf-8")
    acme = ledger.root / "customers" / "acme"
    (acme / "time" / "2026-10-alice.yml").symlink_to(secret)
    (acme / "adjustments.yml").unlink()
    (acme / "adjustments.yml").symlink_to("purchases.yml")
    (ledger.root / "customers" / "other").symlink_to("acme")
    inner = WrittenLedger(tmp_path / "inner")
    git(
        ledger.root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
        str(inner.root), "customers/module",
    )  # fmt: skip
    ledger.commit()
    options = ["--rev", "HEAD"] if at_revision else []
    ran = punchcard(ledger.root, "check", "--as-of", AS_OF, "--format", "json", *options)
    refused = {
        item["file"].removeprefix("customers/")
        for item in json.loads(ran.stdout)["problems"]
        if item["rule"] == "file-name"
    }
    assert ran.status == 1
    assert {"acme/time/2026-10-alice.yml", "acme/adjustments.yml", "other", "module"} <= refused


def test_a_ledger_that_is_a_link_out_of_the_repository_is_not_followed(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    (ledger.root / "customers").rename(tmp_path / "real")
    (ledger.root / "customers").symlink_to(tmp_path / "real")
    ledger.commit()
    for options in ([], ["--rev", "HEAD"]):
        assert punchcard(ledger.root, "balance", "--as-of", AS_OF, *options).status == 2


def test_nothing_that_the_repository_configures_is_run(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    program = tmp_path / "planted"
    program.write_text(f"#!/bin/sh\necho run >> {marker}\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"):
        (hooks / name).write_bytes(program.read_bytes())
        (hooks / name).chmod(0o755)
    planted = {
        "core.fsmonitor": program,
        "core.hooksPath": hooks,
        "core.sshCommand": program,
        "core.pager": program,
        "core.gitProxy": program,
        "core.askPass": program,
        "credential.helper": f"!{program}",
        "diff.external": program,
        "diff.planted.command": program,
        "diff.planted.textconv": program,
        "filter.planted.clean": program,
        "filter.planted.smudge": program,
        "filter.planted.process": program,
        "filter.planted.required": "true",
        "gpg.program": program,
        "log.showSignature": "true",
        "extensions.partialClone": "origin",
        "remote.origin.url": "ssh://nowhere.example/x",
        "remote.origin.promisor": "true",
        "pager.log": program,
        "pager.status": program,
        **{
            f"alias.{name}": f"!{program}"
            for name in ("status", "ls-files", "ls-tree", "cat-file", "rev-parse", "log",
                         "diff-tree", "diff-index", "rev-list", "merge-base", "config")
        },
    }  # fmt: skip
    included = tmp_path / "included"
    for name, value in planted.items():
        for file in (ledger.root / ".git" / "config", included):
            git(ledger.root, "config", "--file", str(file), name, str(value))
    git(
        ledger.root,
        "config",
        "--file",
        str(ledger.root / ".git/config"),
        "include.path",
        str(included),
    )
    for file in (ledger.root / ".gitattributes", ledger.root / ".git" / "info" / "attributes"):
        file.write_text("*.yml diff=planted filter=planted\n", encoding="utf-8")
    ledger.log("09-1")
    os.utime(ledger.root / "customers" / "provider.yml", (1, 1))  # looks touched to Git
    for options in ([], ["--rev", "HEAD"], ["--since", "HEAD"], ["--since", "HEAD~0"]):
        ran = punchcard(ledger.root, "check", "--as-of", AS_OF, *options)
        assert ran.status == 0, ran.stderr
    assert read_balance(punchcard, ledger.root)["revision"] is None
    missing = ledger.git("rev-parse", f"HEAD:{TIME_FILE}")
    (ledger.root / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    ran = punchcard(ledger.root, "balance", "--rev", "HEAD")
    assert (ran.status, "Traceback" in ran.stderr) == (2, False)
    assert not marker.exists()


def test_variables_of_a_surrounding_hook_do_not_mislead(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = WrittenLedger(tmp_path / "other")
    other.log("09-1", 30)
    other.commit()
    index = tmp_path / "index"
    index.write_bytes((other.root / ".git" / "index").read_bytes())
    for name, value in {
        "GIT_DIR": other.root / ".git",
        "GIT_WORK_TREE": other.root,
        "GIT_COMMON_DIR": other.root / ".git",
        "GIT_INDEX_FILE": index,
        "GIT_PREFIX": "customers/",
        "GIT_OBJECT_DIRECTORY": other.root / ".git" / "objects",
        "GIT_QUARANTINE_PATH": other.root / ".git" / "objects",
        "GIT_NAMESPACE": "elsewhere",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_EXTERNAL_DIFF": "/bin/false",
    }.items():
        monkeypatch.setenv(name, str(value))
    balance = read_balance(punchcard, ledger.root)
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)
    assert read_balance(punchcard, ledger.root, "--rev", "HEAD")["used_minutes"] == 105
    ran = punchcard(ledger.root, "check", "--since", "HEAD", "--as-of", AS_OF)
    assert (ran.status, "0 errors, 0 warnings" in ran.stdout) == (0, True)
    assert os.environ["GIT_WORK_TREE"] == str(other.root)


def test_a_replaced_object_does_not_stand_in_for_the_real_one(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("09-1", 30)
    other = ledger.commit()
    ledger.git("replace", ledger.first, other)
    assert read_balance(punchcard, ledger.root, "--rev", ledger.first)["used_minutes"] == 105
