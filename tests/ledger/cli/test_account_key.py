from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import bcrypt
import pytest

from tests.conftest import Ran, RunPunchcard, git
from tests.ledger.writing.small_ledger import AS_OF

DANA = "dana@acme.example"
ACCOUNTS = "customers/acme/accounts.yml"


def read_key(ran: Ran) -> str:
    [key] = re.findall(r"Key: +(\S+)", ran.stdout)
    return str(key)


def read_hash(repository: Path) -> str:
    return (repository / ACCOUNTS).read_text().rpartition("key_hash: ")[2].split()[0]


def test_a_new_account_gets_a_key_which_is_kept_nowhere(
    repository: Path, run: RunPunchcard
) -> None:
    lee = ("lee@acme.example", "Lee Ann")
    ran = run("account", "add", "acme", *lee, "--commit")
    assert (ran.status, ran.stderr) == (0, "")
    key = read_key(ran)
    assert bcrypt.checkpw(key.encode(), read_hash(repository).encode())
    for word in ("Hello Lee Ann", "Address: lee@acme.example", "help@tools.example"):
        assert word in ran.stdout
    show_all = ["git", "cat-file", "--batch-all-objects", "--batch"]
    objects = subprocess.run(show_all, cwd=repository, check=True, capture_output=True).stdout
    assert key.encode() not in objects
    assert b"key_hash: $2y$05$" in objects
    kept = [path.read_bytes() for path in repository.rglob("*") if path.is_file()]
    assert not any(key.encode() in content for content in kept)
    assert git(repository, "log", "-1", "--format=%s") == "acme: add account lee@acme.example"


def test_a_new_key_takes_the_place_of_the_old_one(repository: Path, run: RunPunchcard) -> None:
    hashes = []
    for _ in range(2):
        ran = run("account", "key", "acme", DANA.upper(), "--commit")
        assert ran.status == 0
        hashes.append(read_hash(repository))
        assert bcrypt.checkpw(read_key(ran).encode(), hashes[-1].encode())
    assert hashes[0] != hashes[1]
    assert (repository / ACCOUNTS).read_text().count("key_hash") == 1
    assert git(repository, "rev-list", "--count", "HEAD") == "3"
    assert run("check", "--no-since").status == 0


def test_the_link_is_that_of_the_layout(
    repository: Path, run: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ("account", "key", "acme", DANA)
    assert "with a separate message" in run(*key).stdout
    with (repository / "customers/provider.yml").open("a", encoding="utf-8") as file:
        file.write("portal_domain: our.portals.example\n")
    assert "https://acme.our.portals.example/\n" in run(*key).stdout
    ran = run(*key, "--domain", "portals.example", "--layout", "path")
    assert "https://portals.example/acme/\n" in ran.stdout
    monkeypatch.setenv("PUNCHCARD_DOMAIN", "portals.example")
    assert "https://acme.portals.example/\n" in run(*key).stdout


def test_the_invitation_is_in_the_language_of_the_portal(
    repository: Path, run: RunPunchcard
) -> None:
    with (repository / "customers/acme/customer.yml").open("a", encoding="utf-8") as file:
        file.write("language: de\n")
    said = run("account", "key", "acme", DANA).stdout
    for word in ("Guten Tag ", f"Adresse: {DANA}", "Schlüssel: ", "Fragen: help@tools.example"):
        assert word in said
    assert "Questions" not in said


def test_nobody_is_invited_to_a_portal_that_is_not_there_without_a_word(
    repository: Path, run: RunPunchcard
) -> None:
    new = ("customer", "add", "newcomer", "--name", "New", "--key", "NEW", "--currency", "USD")
    assert run(*new, "--commit").status == 0
    add = ("account", "add", "newcomer", "--commit")
    ran = run(*add, "a@newcomer.example", "A")
    assert "there is no portal before a purchase or a service" in ran.stdout
    message = f"x\n\nas-of: {AS_OF}\nversion: a 1\ndigest: x"
    git(repository, "tag", f"--message={message}", f"published/{AS_OF}", "HEAD~2")
    buy = ("buy", "newcomer", "1", "--commit", "--date", AS_OF)
    assert run(*buy).status == 0
    ran = run(*add, "b@newcomer.example", "B")
    assert "the portal comes with the next publication" in ran.stdout
    git(repository, "tag", f"--message={message}", f"published/{AS_OF}.2")
    ran = run(*add, "c@newcomer.example", "C")
    assert (ran.status, "note:" in ran.stdout) == (0, False)


def test_programs_get_the_invitation_too(run: RunPunchcard) -> None:
    key = ("account", "key", "acme", DANA, "--format", "json")
    said = json.loads(run(*key).stdout)
    assert "Hello Dana Whitfield" in said["invitation"]
    seen = ("account", "seen", "acme", DANA, "--format", "json")
    assert "invitation" not in json.loads(run(*seen).stdout)


def test_nobody_is_invited_who_could_not_come_in(repository: Path, run: RunPunchcard) -> None:
    later = ("--as-of", "2026-08-01")
    ran = run("account", "key", "acme", DANA, *later)
    assert (ran.status, "the account is disabled" in ran.stdout) == (0, True)
    assert run("account", "remove", "acme", DANA).status == 0
    before = (repository / ACCOUNTS).read_text()
    ran = run("account", "key", "acme", DANA, "--as-of", "2026-07-01")
    assert (ran.status, ran.stdout) == (2, "")
    assert "was removed on 2026-06-30" in ran.stderr
    assert (repository / ACCOUNTS).read_text() == before


def test_a_refused_account_shows_no_key(run: RunPunchcard) -> None:
    for name in ("lee", "max"):
        added = ("account", "add", "acme", f"{name}@acme.example", name, "--no-key")
        ran = run(*added)
        assert (ran.status, "Key:" in ran.stdout) == (0, False)
    ran = run("account", "add", "acme", "kim@acme.example", "Kim")
    assert (ran.status, ran.stdout) == (1, "")


def test_a_dry_run_shows_no_key_because_it_would_open_nothing(
    repository: Path, run: RunPunchcard
) -> None:
    for command in (("key", "acme", DANA), ("add", "acme", "lee@acme.example", "Lee Ann")):
        ran = run("account", *command, "--dry-run")
        assert (ran.status, "Key:" in ran.stdout) == (0, False)
        assert "would be written to" in ran.stdout
    answer = json.loads(run("account", "key", "acme", DANA, "--dry-run", "--format", "json").stdout)
    assert "invitation" not in answer
    assert git(repository, "status", "--porcelain") == ""
