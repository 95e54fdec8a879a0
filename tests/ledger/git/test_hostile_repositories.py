"""What a repository holds or configures makes Git neither run nor follow anything."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, TIME_FILE, WrittenLedger, read_balance


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
