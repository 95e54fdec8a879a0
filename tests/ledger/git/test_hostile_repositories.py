"""What a repository holds or configures makes Git neither run nor follow anything."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import git
from tests.ledger.git.written_ledger import AS_OF, TIME_FILE, WrittenLedger


@pytest.mark.parametrize("at_revision", [False, True])
def test_links_and_submodules_in_the_ledger_are_refused(
    ledger: WrittenLedger, tmp_path: Path, at_revision: bool
) -> None:
    secret = tmp_path / "secret.yml"
    secret.write_text("- {id: 20-1}\n", encoding="utf-8")
    acme = ledger.root / "customers" / "acme"
    (acme / "time" / "2026-10-alice.yml").symlink_to(secret)
    (acme / "adjustments.yml").unlink()
    (acme / "adjustments.yml").symlink_to("purchases.yml")
    (ledger.root / "customers" / "other").symlink_to("acme")
    inner = WrittenLedger(tmp_path / "inner")
    allow = ("-c", "protocol.file.allow=always")
    ledger.git(*allow, "submodule", "--quiet", "add", str(inner.root), "customers/module")
    ledger.commit()
    options = ["--rev", "HEAD"] if at_revision else []
    ran = ledger.check("--format", "json", *options)
    refused = {
        item["file"].removeprefix("customers/")
        for item in json.loads(ran.stdout)["problems"]
        if item["rule"] == "file-name"
    }
    assert ran.status == 1
    assert {"acme/time/2026-10-alice.yml", "acme/adjustments.yml", "other", "module"} <= refused


def test_a_ledger_that_is_a_link_out_of_the_repository_is_not_followed(
    ledger: WrittenLedger, tmp_path: Path
) -> None:
    (ledger.root / "customers").rename(tmp_path / "real")
    (ledger.root / "customers").symlink_to(tmp_path / "real")
    ledger.commit()
    for options in ([], ["--rev", "HEAD"]):
        assert ledger.run("balance", "--as-of", AS_OF, *options).status == 2


def test_nothing_that_the_repository_configures_is_run(
    ledger: WrittenLedger, tmp_path: Path
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
    run = ("fsmonitor", "sshCommand", "pager", "gitProxy", "askPass")
    commands = (
        *("status", "ls-files", "ls-tree", "cat-file", "rev-parse", "log", "diff-tree"),
        *("diff-index", "rev-list", "merge-base", "config"),
    )
    planted = {
        **{f"core.{name}": program for name in run},
        **{f"diff.{name}": program for name in ("external", "planted.command", "planted.textconv")},
        **{f"filter.planted.{name}": program for name in ("clean", "smudge", "process")},
        **dict.fromkeys(("gpg.program", "pager.log", "pager.status"), program),
        **{f"alias.{name}": f"!{program}" for name in commands},
        "core.hooksPath": hooks,
        "credential.helper": f"!{program}",
        "filter.planted.required": "true",
        "log.showSignature": "true",
        "extensions.partialClone": "origin",
        "remote.origin.url": "ssh://nowhere.example/x",
        "remote.origin.promisor": "true",
    }
    included = tmp_path / "included"
    for name, value in planted.items():
        for file in (ledger.root / ".git" / "config", included):
            git(ledger.root, "config", "--file", str(file), name, str(value))
    ledger.git("config", "--local", "include.path", str(included))
    for file in (ledger.root / ".gitattributes", ledger.root / ".git" / "info" / "attributes"):
        file.write_text("*.yml diff=planted filter=planted\n", encoding="utf-8")
    ledger.log("09-1")
    os.utime(ledger.root / "customers" / "provider.yml", (1, 1))  # looks touched to Git
    for options in ([], ["--rev", "HEAD"], ["--since", "HEAD"], ["--since", "HEAD~0"]):
        ran = ledger.check(*options)
        # A filter hides what is committed, run or not; there is nothing else to say.
        hides = "--rev" not in options
        found = (ran.status, "Git hides" in ran.stdout, ran.stdout.count("error["))
        assert found == ((1, True, 1) if hides else (0, False, 0))
    ran = ledger.run("balance", "acme", "--as-of", AS_OF, "--format", "json")
    assert json.loads(ran.stdout)[0]["revision"] is None
    missing = ledger.git("rev-parse", f"HEAD:{TIME_FILE}")
    (ledger.root / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    ran = ledger.run("balance", "--rev", "HEAD")
    assert (ran.status, "Traceback" in ran.stderr) == (2, False)
    assert not marker.exists()


@pytest.mark.parametrize("name", ["planted", "a=b", "x.y"])
def test_no_filter_is_run_by_a_command_that_writes(
    ledger: WrittenLedger, tmp_path: Path, name: str
) -> None:
    marker = tmp_path / "marker"
    for setting in ("clean", "smudge", "process"):
        ledger.git("config", f"filter.{name}.{setting}", f"touch {marker}; cat")
    ledger.git("config", f"filter.{name}.required", "true")
    attributes = ledger.root / ".git" / "info" / "attributes"
    attributes.write_text(f"*.yml filter={name}\n", encoding="utf-8")
    os.utime(ledger.find(TIME_FILE), (1, 1))  # looks touched to Git
    entry = ("log", "acme", "ACME-1", "15m", "-m", "x", "--as", "alice", "--date", "2026-11-20")
    for how in (["--commit"], ["--branch", "other"], []):
        ran = ledger.run(*entry, *how)
        assert "Traceback" not in ran.stderr
    ledger.run("check", "--since", "HEAD")
    assert not marker.exists()


def test_variables_of_a_surrounding_hook_do_not_mislead(
    ledger: WrittenLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    balance = ledger.read_balance()
    assert (balance["used_minutes"], balance["revision"]) == (105, ledger.first)
    assert ledger.read_balance("--rev", "HEAD")["used_minutes"] == 105
    ran = ledger.check("--since", "HEAD")
    assert (ran.status, "0 errors, 0 warnings" in ran.stdout) == (0, True)
    assert os.environ["GIT_WORK_TREE"] == str(other.root)


def test_a_replaced_object_does_not_stand_in_for_the_real_one(ledger: WrittenLedger) -> None:
    ledger.log("09-1", 30)
    other = ledger.commit()
    ledger.git("replace", ledger.first, other)
    assert ledger.read_balance("--rev", ledger.first)["used_minutes"] == 105


def write_tree(root: Path, *lines: str) -> str:
    """Return the id of a tree of ``mode type id\\tname`` lines, whatever their names are."""
    content = b"".join(
        f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(object_id)
        for mode, _type, object_id, name in (
            line.replace("\t", " ", 1).split(" ") for line in lines
        )
    )
    command = ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"]
    done = subprocess.run(command, cwd=root, input=content, capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit_tree(ledger: WrittenLedger, *lines: str) -> str:
    """Return a commit with the ledger's files and some more at the root of its tree."""
    tree = write_tree(ledger.root, *ledger.git("ls-tree", "HEAD").splitlines(), *lines)
    return ledger.git("commit-tree", tree, "-p", "HEAD", "-m", "Hostile")


@pytest.mark.parametrize(
    "name", ["..", "../../evil", ".", ".git", ".GIT", "/evil", "a//b", "customers"]
)
def test_a_commit_with_a_name_that_no_file_can_have_is_refused(
    ledger: WrittenLedger, tmp_path: Path, name: str
) -> None:
    blob = ledger.git("rev-parse", f"HEAD:{TIME_FILE}")
    inner = write_tree(ledger.root, f"100644 blob {blob}\tprovider.yml")
    is_tree = name in {"..", ".", ".git", ".GIT", "customers"}
    line = f"040000 tree {inner}\t{name}" if is_tree else f"100644 blob {blob}\t{name}"
    commit = commit_tree(ledger, line)
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(ledger.root), str(bare))
    git(bare, "fetch", "--quiet", str(ledger.root), f"{commit}:refs/heads/hostile")
    pushed = tmp_path / "stdin"
    pushed.write_text(f"{ledger.first} {commit} refs/heads/main\n", encoding="utf-8")
    with pushed.open(encoding="utf-8") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", stream)
        received = ledger.run("hook", "pre-receive", at=bare)
    published = ledger.run(
        "portal", "publish", "--to", tmp_path / "out", "--rev", commit, "--no-tag"
    )
    for ran in (received, published):
        assert (ran.status, "a name no file can have" in ran.stderr) == (2, True), ran.stderr
    assert not (tmp_path / "evil").exists()


def make_tree_bomb(ledger: WrittenLedger) -> str:
    """Return the id of a tree of a few hundred bytes, and ten million files."""
    blob = ledger.git("rev-parse", f"HEAD:{TIME_FILE}")
    tree = write_tree(ledger.root, *(f"100644 blob {blob}\tf{n}" for n in range(10)))
    for _level in range(6):
        tree = write_tree(ledger.root, *(f"040000 tree {tree}\td{n}" for n in range(10)))
    return tree


@pytest.mark.parametrize("attributes", ["", "*.yml ident\n"])
def test_a_tree_bomb_beside_the_ledger_is_not_looked_into(
    ledger: WrittenLedger, attributes: str
) -> None:
    (ledger.root / ".gitattributes").write_text(attributes, encoding="utf-8")
    attributes_blob = ledger.git("hash-object", "-w", ".gitattributes")
    beside = (
        f"100644 blob {attributes_blob}\t.gitattributes",
        f"040000 tree {make_tree_bomb(ledger)}\tbomb",
    )
    customers = f"040000 tree {ledger.git('rev-parse', 'HEAD:customers')}\tcustomers"
    commit = ledger.git(
        "commit-tree", write_tree(ledger.root, *beside, customers), "-p", "HEAD", "-m", "Bomb"
    )
    started = time.monotonic()  # Git's time counts, too.
    ran = ledger.run("check", "--rev", commit)
    assert time.monotonic() - started < 8
    assert ("converted by its attribute ident" in ran.stdout) == bool(attributes), ran.stdout


def test_a_tree_bomb_is_refused_at_once(ledger: WrittenLedger) -> None:
    tree = make_tree_bomb(ledger)
    inner = write_tree(ledger.root, f"040000 tree {tree}\tacme")
    commit = ledger.git(
        "commit-tree", write_tree(ledger.root, f"040000 tree {inner}\tcustomers"), "-m", "Bomb"
    )
    ledger.git("reset", "--quiet", "--soft", commit)
    started = time.process_time()
    for command in (["check", "--rev", "HEAD"], ["balance", "--rev", "HEAD"], ["audit"]):
        ran = ledger.run(*command)
        assert (ran.status, "more than 250,000 files" in ran.stderr) == (2, True), ran.stderr
    assert time.process_time() - started < 6


def test_what_is_no_commit_is_said_in_our_words(ledger: WrittenLedger) -> None:
    for name in ("HEAD^{tree}", f"HEAD:{TIME_FILE}"):
        ran = ledger.run("balance", "--rev", name)
        assert ran.stderr == (
            f"punchcard: error: '{name}' is no commit of this repository "
            "(name a branch, a tag or a commit)\n"
        )
        assert ran.status == 2
