import re
import subprocess
from pathlib import Path

import bcrypt
import pytest

from tests.conftest import Commands
from tests.ledger.writing.small_ledger import AS_OF

DANA = "dana@acme.example"
ACCOUNTS = "customers/acme/accounts.yml"


def read_key(said: str) -> str:
    [key] = re.findall(r"Key: +(\S+)", said)
    return str(key)


def read_hash(repository: Path) -> str:
    return (repository / ACCOUNTS).read_text().rpartition("key_hash: ")[2].split()[0]


def test_a_new_account_gets_a_key_which_is_kept_nowhere(run: Commands) -> None:
    lee = ("lee@acme.example", "Lee Ann")
    said = run.done("account", "add", "acme", *lee, "--commit")
    key = read_key(said)
    assert bcrypt.checkpw(key.encode(), read_hash(run.root).encode())
    for word in ("Hello Lee Ann", "Address: lee@acme.example", "help@tools.example"):
        assert word in said
    show_all = ["git", "cat-file", "--batch-all-objects", "--batch"]
    objects = subprocess.run(show_all, cwd=run.root, check=True, capture_output=True).stdout
    assert key.encode() not in objects
    assert b"key_hash: $2y$05$" in objects
    kept = [path.read_bytes() for path in run.root.rglob("*") if path.is_file()]
    assert not any(key.encode() in content for content in kept)
    assert run.git("log", "-1", "--format=%s") == "acme: add account lee@acme.example"


def test_a_new_key_takes_the_place_of_the_old_one(run: Commands) -> None:
    hashes = []
    for _ in range(2):
        key = read_key(run.done("account", "key", "acme", DANA.upper(), "--commit"))
        hashes.append(read_hash(run.root))
        assert bcrypt.checkpw(key.encode(), hashes[-1].encode())
    assert hashes[0] != hashes[1]
    assert (run.root / ACCOUNTS).read_text().count("key_hash") == 1
    assert run.git("rev-list", "--count", "HEAD") == "3"
    assert run("check", "--no-since").status == 0


def test_the_link_is_that_of_the_layout(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ("account", "key", "acme", DANA)
    assert "with a separate message" in run.done(*key)
    with (run.root / "customers/provider.yml").open("a", encoding="utf-8") as file:
        file.write("portal_domain: our.portals.example\n")
    assert "https://acme.our.portals.example/\n" in run.done(*key)
    path = ("--domain", "portals.example", "--layout", "path")
    assert "https://portals.example/acme/\n" in run.done(*key, *path)
    monkeypatch.setenv("PUNCHCARD_DOMAIN", "portals.example")
    assert "https://acme.portals.example/\n" in run.done(*key)


def test_the_invitation_is_in_the_language_of_the_portal(run: Commands) -> None:
    with (run.root / "customers/acme/customer.yml").open("a", encoding="utf-8") as file:
        file.write("language: de\n")
    said = run.done("account", "key", "acme", DANA)
    for word in ("Guten Tag ", f"Adresse: {DANA}", "Schlüssel: ", "Fragen: help@tools.example"):
        assert word in said
    assert "Questions" not in said


def test_nobody_is_invited_to_a_portal_that_is_not_there_without_a_word(run: Commands) -> None:
    new = ("customer", "add", "newcomer", "--name", "New", "--key", "NEW", "--currency", "USD")
    run.done(*new, "--commit")
    add = ("account", "add", "newcomer", "--commit")
    said = run.done(*add, "a@newcomer.example", "A")
    assert "there is no portal before a purchase or a service" in said
    message = f"--message=x\n\nas-of: {AS_OF}\nversion: a 1\ndigest: x"
    run.git("tag", message, f"published/{AS_OF}", "HEAD~2")
    assert run("buy", "newcomer", "1", "--commit", "--date", AS_OF).status == 0
    said = run.done(*add, "b@newcomer.example", "B")
    assert "the portal comes with the next publication" in said
    run.git("tag", message, f"published/{AS_OF}.2")
    assert "note:" not in run.done(*add, "c@newcomer.example", "C")


def test_programs_get_the_invitation_too(run: Commands) -> None:
    answer = run.json("account", "key", "acme", DANA)
    assert "Hello Dana Whitfield" in answer["invitation"]
    assert "invitation" not in run.json("account", "seen", "acme", DANA)


def test_nobody_is_invited_who_could_not_come_in(run: Commands) -> None:
    key = ("account", "key", "acme", DANA, "--as-of")
    assert "the account is disabled" in run.done(*key, "2026-08-01")
    run.done("account", "remove", "acme", DANA)
    before = (run.root / ACCOUNTS).read_text()
    assert "was removed on 2026-06-30" in run.refuse(*key, "2026-07-01")
    assert (run.root / ACCOUNTS).read_text() == before


def test_what_is_refused_or_only_tried_shows_no_key(run: Commands) -> None:
    """It would open nothing."""
    for command in (("key", "acme", DANA), ("add", "acme", "lee@acme.example", "Lee Ann")):
        said = run.done("account", *command, "--dry-run")
        assert ("Key:" in said, "would be written to" in said) == (False, True)
    assert "invitation" not in run.json("account", "key", "acme", DANA, "--dry-run")
    assert run.git("status", "--porcelain") == ""
    for name in ("lee", "max"):
        add = ("account", "add", "acme", f"{name}@acme.example", name, "--no-key")
        assert "Key:" not in run.done(*add)
    ran = run("account", "add", "acme", "kim@acme.example", "Kim")
    assert (ran.status, ran.stdout) == (1, "")
