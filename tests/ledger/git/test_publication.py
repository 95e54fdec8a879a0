"""Publications are tags that can be read back and held against the figures."""

import os
import signal
import subprocess
import sys
import time
from datetime import date

import pytest

from ledger.errors import LedgerError
from ledger.git import GitRepository
from ledger.history.publications import (
    Publication,
    digest_figures,
    find_publication,
    list_strange_tags,
    make_publication,
    read_publications,
)
from ledger.ledger import open_ledger
from tests.conftest import SAMPLE_LEDGER
from tests.ledger.git.written_ledger import TIME_FILE, WrittenLedger

VERSIONS = {"service-punchcards": "0.1.0", "mkdocs-material": "9.8.1"}
DAY = date(2026, 11, 16)


def publish(ledger: WrittenLedger, as_of: date = DAY, *held_back: str) -> Publication:
    with open_ledger(start=ledger.root, revision="HEAD") as found:
        repository, digest = found.require_repository("no tags"), digest_figures(found, as_of)
        commit = str(found.revision)
        return make_publication(repository, commit, as_of, digest, VERSIONS, held_back)


def read(ledger: WrittenLedger) -> tuple[Publication, ...]:
    with GitRepository.open_around(ledger.root) as repository:
        return read_publications(repository)


def test_a_publication_is_an_annotated_tag_that_reads_back_as_it_was_made(
    ledger: WrittenLedger,
) -> None:
    made = publish(ledger, DAY, "acme", "globex")
    assert read(ledger) == (made,)
    assert (made.tag, made.held_back) == ("published/2026-11-16", ("acme", "globex"))
    assert ledger.git("cat-file", "-t", made.tag) == "tag"
    assert ledger.git("rev-parse", f"{made.tag}^{{commit}}") == ledger.first
    with GitRepository.open_around(ledger.root) as repository:
        for name, found in ((made.tag, made), ("2026-11-16", made), ("main", None)):
            assert find_publication(repository, name) == found


def test_each_names_the_one_before_and_those_of_a_day_are_told_apart(
    ledger: WrittenLedger,
) -> None:
    tags = [publish(ledger, day).tag for day in (date(2026, 11, 9), *[DAY] * 11)]
    assert tags[:3] == ["published/2026-11-09", "published/2026-11-16", "published/2026-11-16.2"]
    assert [item.tag for item in read(ledger)] == tags
    assert [item.previous for item in read(ledger)] == [None, *tags[:-1]]


def test_a_tag_that_says_nothing_of_a_publication_counts_for_nothing(
    ledger: WrittenLedger,
) -> None:
    """Anybody who may push tags could stop all publications with one."""
    made = publish(ledger, date(2026, 11, 2))
    message = ledger.git("for-each-ref", "--format=%(contents)", f"refs/tags/{made.tag}")
    for strange in ("published/soon", "v1", "published/2026-11-16"):
        ledger.git("tag", "--message=By hand", strange)
    ledger.git("tag", f"--message={message}", "published/2026-12-31", "HEAD^{tree}")
    ledger.git("tag", "published/2026-11-16.2")  # without a message
    assert read(ledger) == (made,)
    with GitRepository.open_around(ledger.root) as repository:
        assert len(list_strange_tags(repository)) == 3
        with pytest.raises(LedgerError, match="published/2026-11-16 does not say"):
            find_publication(repository, "2026-11-16")
    assert publish(ledger).tag == "published/2026-11-16.3"


def test_killed_while_git_makes_the_tag_it_is_whole_or_not_there(ledger: WrittenLedger) -> None:
    """Git goes on by itself: it has been given all of the message, or has not been started."""
    program = (
        "import os, signal, subprocess, sys\n"
        "from datetime import date\n"
        "from ledger.history.publications import make_publication\n"
        "from ledger.ledger import open_ledger\n"
        "known = sys.argv[1], {'mkdocs': '1.6'}\n"
        "def die(*_arguments, **_options): os.kill(os.getpid(), signal.SIGKILL)\n"
        "with open_ledger() as found:\n"
        "    commit = found.repository.find_head()\n"
        "    make_publication(found.repository, commit, date(2026, 11, 9), *known)\n"
        "    run = found.repository.run\n"
        "    def run_tag(*arguments, **options):\n"
        "        if 'tag' in arguments: subprocess.Popen.communicate = die\n"
        "        return run(*arguments, **options)\n"
        "    object.__setattr__(found.repository, 'run', run_tag)\n"
        "    make_publication(found.repository, commit, date(2026, 11, 16), *known)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SAMPLE_LEDGER.parent)}
    digest = f"sha256:{'0' * 64}"
    command = [sys.executable, "-c", program, digest]
    done = subprocess.run(command, cwd=ledger.root, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    end = time.monotonic() + 30
    while len(publications := read(ledger)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert [each.as_of for each in publications] == [date(2026, 11, 9), DAY]
    assert publications[1].digest == digest


def test_a_tag_is_signed_where_git_is_set_to_sign(ledger: WrittenLedger) -> None:
    ledger.git("config", "tag.gpgSign", "true")
    ledger.git("config", "gpg.program", "false")
    with pytest.raises(LedgerError):
        publish(ledger)
    assert read(ledger) == ()
    signer = ledger.root / ".git" / "signer"
    status = "printf '\\n[GNUPG:] SIG_CREATED ' >&2"
    words = "echo '-----BEGIN PGP SIGNATURE-----'; echo; echo x; echo '-----END PGP SIGNATURE-----'"
    signer.write_text(f"#!/bin/sh\ncat > /dev/null\n{status}\n{words}\n", encoding="utf-8")
    signer.chmod(0o755)
    ledger.git("config", "gpg.program", str(signer))
    made = publish(ledger, DAY, "acme")
    assert "BEGIN PGP SIGNATURE" in ledger.git("cat-file", "tag", made.tag)
    assert read(ledger) == (made,)


def test_without_a_name_git_makes_no_tag(
    ledger: WrittenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        for part in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{role}_{part}")
    ledger.git("config", "user.useConfigOnly", "true")
    with pytest.raises(LedgerError):
        publish(ledger)
    assert read(ledger) == ()


def test_the_digest_follows_from_the_figures_alone(ledger: WrittenLedger) -> None:
    def digest(as_of: date = DAY) -> str:
        with open_ledger(start=ledger.root, revision="HEAD") as found:
            return digest_figures(found, as_of)

    before = digest()
    ledger.append(TIME_FILE, "# a comment\n")
    ledger.replace(TIME_FILE, "  note: Walked", "  internal_note: x\n  note: Walked")
    ledger.commit()
    assert digest() == before
    ledger.log("17-1")
    ledger.commit()
    assert digest() == before  # it is dated after the as-of date
    assert digest(date(2026, 11, 17)) != before
    ledger.log("16-1")
    ledger.commit()
    assert digest() != before
