"""What waits in the folder of forms gets on record once, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.intake.mailboxes import Form, Spool
from tests.conftest import RunPunchcard, commit_all, git

DAY = ("--as-of", "2026-11-28")
NOW = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
RUN = "from site_builder.punchcard import main; main()"


def keep(spool: Spool, number: int, *, account: str = "dana@acme.example", **fields: str) -> Form:
    form = Form(
        form_id=f"form-id-number-{number:03}",
        customer=fields.get("customer", "acme"),
        account=account,
        request=fields.get("request"),
        title=fields.get("title", f"Title {number}"),
        category="",
        urgency="",
        text=fields.get("text", f"Text {number}"),
    )
    spool.keep(form, form.to_mail(NOW))
    return form


def count_messages(repository: Path, revision: str) -> dict[str, int]:
    """Return how often each message of a form is on record."""
    found = git(
        repository, "grep", "-h", "-o", "form-id-number-[0-9]*", revision, "--", "customers"
    )
    lines = found.splitlines()
    return {line: lines.count(line) for line in lines}


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def test_forms_become_commits_of_a_branch_in_their_order(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    for number in (3, 1):
        keep(spool, number)
    keep(spool, 2, request="ACME-2")
    keep(spool, 4, account="eve@acme.example")
    keep(spool, 5, request="HSI-1")
    folder = spool.waiting.parent
    ran = punchcard(sample_repository, "intake", "work", "--spool", folder, "--once", *DAY)
    assert ran.status == 1, ran.stderr
    assert git(sample_repository, "log", "--format=%s", "main..intake").splitlines() == [
        "acme: ACME-2 is in-progress (dana@acme.example)",
        "acme: open ACME-16, Title 1",
        "acme: open ACME-15, Title 3",
    ]
    assert git(sample_repository, "status", "--porcelain") == ""
    assert spool.list_waiting() == []
    assert spool.find("acme.form-id-number-001") is not None
    reasons = [each["reason"] for each in spool.quarantine.list_kept()]
    assert sorted(reasons) == [
        "eve@acme.example is nobody's account",
        "it names HSI-1, which is no request of acme",
    ]
    shown = git(sample_repository, "show", "intake:customers/acme/requests/ACME-16.yml")
    assert "opened: 2026-11-28" in shown  # as it was then in the provider's time zone
    assert 'message_id: "<form-id-number-001@intake.acme>"' in shown
    keep(spool, 6)
    assert (
        punchcard(sample_repository, "intake", "work", "--spool", folder, "--once", *DAY).status
        == 0
    )
    checked = punchcard(sample_repository, "check", "--rev", "intake", *DAY)
    assert checked.status == 0, checked.stdout


def test_an_order_by_form_becomes_a_purchase(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    keep(spool, 1, title="Buy hours", text="Punchcards: 2\nPrice: 2000.00 USD\nPO: PO-9")
    work = ("intake", "work", "--spool", spool.waiting.parent, "--once", "--commit", *DAY)
    assert punchcard(sample_repository, *work).status == 0
    agreed = ("2", "--amount", "2000", "--from-request", "ACME-15", "--as", "alice", "--commit")
    ran = punchcard(sample_repository, "buy", "acme", *agreed, *DAY)
    assert (ran.status, "P3: buy 2 punchcards for 2000.00 USD" in ran.stdout) == (0, True)
    shown = git(sample_repository, "show", "--format=")
    assert "+  purchase_order: PO-9\n" in shown
    assert "by: alice, status: resolved, note: P3 recorded.}" in shown


def test_the_branch_follows_the_main_one(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    work = ("intake", "work", "--spool", spool.waiting.parent, "--once", *DAY)
    keep(spool, 1)
    assert punchcard(sample_repository, *work).status == 0
    opened = ("request", "open", "acme", "By a consultant", "--category", "detailed-qa")
    assert punchcard(sample_repository, *opened, "--by", "alice", "--commit", *DAY).status == 0
    keep(spool, 2, request="ACME-16")
    ran = punchcard(sample_repository, *work)
    assert (ran.status, "ACME-16 answered" in ran.stdout) == (0, True), ran
    git(sample_repository, "merge", "--quiet", "intake")
    keep(spool, 3)
    assert punchcard(sample_repository, *work).status == 0
    assert git(sample_repository, "rev-list", "--count", "main..intake") == "1"


def test_what_is_checked_out_gets_the_commits_by_option(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    keep(spool, 1)
    where = ("--spool", spool.waiting.parent, "--once", *DAY)
    assert punchcard(sample_repository, "intake", "work", *where, "--commit").status == 0
    assert (sample_repository / "customers/acme/requests/ACME-15.yml").is_file()
    keep(spool, 2)
    ran = punchcard(sample_repository, "intake", "work", *where, "--branch", "main")
    assert (ran.status, "use --commit" in ran.stderr) == (2, True)
    assert len(spool.list_waiting()) == 1


def test_a_form_that_was_recorded_is_known_and_another_text_is_told(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    form = keep(spool, 1)
    [file] = spool.list_waiting()
    source = file.read_bytes()
    work = ("intake", "work", "--spool", spool.waiting.parent, "--once", *DAY)
    assert punchcard(sample_repository, *work).status == 0
    spool.keep(form, source)
    assert spool.list_waiting() == []
    with pytest.raises(LedgerError, match="another text"):
        keep(spool, 1, text="Something else")
    file.write_bytes(source)  # as if it had been killed before it removed the file
    assert "ACME-15 has it already" in punchcard(sample_repository, *work).stdout
    assert count_messages(sample_repository, "intake") == {"form-id-number-001": 1}


def test_forms_wait_while_their_customers_files_have_errors_and_others_do_not(
    sample_repository: Path,
    spool: Spool,
    punchcard: RunPunchcard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ledger.intake.worker._MOST_AT_ONCE", 2)
    file = sample_repository / "customers/acme/accounts.yml"
    before = file.read_bytes()
    file.write_bytes(before + b"- not: an account\n")
    commit_all(sample_repository)
    for number in range(5):  # more than are taken at once
        keep(spool, number)
    keep(spool, 99, account="wanjiru.kamau@savanna-sky.example", customer="savanna-sky")
    work = ("intake", "work", "--spool", spool.waiting.parent, "--once", *DAY)
    ran = punchcard(sample_repository, *work)
    assert (ran.status, ran.stdout.count("not taken yet: the ledger has errors")) == (2, 5), ran
    assert "SKY-" in ran.stdout
    assert len(spool.list_waiting()) == 5
    assert list(spool.quarantine.list_kept()) == []
    file.write_bytes(before)
    commit_all(sample_repository)
    assert punchcard(sample_repository, *work).status == 0
    assert count_messages(sample_repository, "intake") == {
        f"form-id-number-{number:03}": 1 for number in (0, 1, 2, 3, 4, 99)
    }


def test_portals_are_published_at_once(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    served = tmp_path / "served"
    first = punchcard(sample_repository, "portal", "publish", "--to", served, "--jobs", 1, *DAY)
    assert first.status == 0, first.stderr
    before = {path.name: path.readlink() for path in served.iterdir() if path.is_symlink()}
    keep(spool, 1, title="A brand-new wish")
    work = ("intake", "work", "--spool", spool.waiting.parent, "--once", *DAY)
    ran = punchcard(sample_repository, *work, "--publish", served)
    assert "portal of acme: published" in ran.stdout, ran.stderr
    assert "A brand-new wish" in (served / "acme/requests.html").read_text()
    after = {path.name: path.readlink() for path in served.iterdir() if path.is_symlink()}
    assert {name for name in after if after[name] != before[name]} == {"acme"}
    assert before.keys() == after.keys()
    again = punchcard(sample_repository, "portal", "publish", "--to", served, "--jobs", 1, *DAY)
    assert again.status == 0, again.stderr


def test_killed_at_any_time_two_workers_record_each_form_once(
    sample_repository: Path, spool: Spool, tmp_path: Path
) -> None:
    rng = random.Random(5)
    for number in range(12):
        keep(spool, number)
    command = [
        sys.executable,
        "-c",
        RUN,
        "intake",
        "work",
        "--spool",
        str(spool.waiting.parent),
        *DAY,
    ]
    for _round in range(4):
        workers = [
            subprocess.Popen(
                command, cwd=sample_repository, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for _worker in range(2)
        ]
        time.sleep(rng.uniform(0.8, 2.5))
        for worker in workers:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    done = subprocess.run(
        [*command, "--once"], cwd=sample_repository, check=True, capture_output=True, timeout=120
    )
    assert done.stderr == b""
    counts = count_messages(sample_repository, "intake")
    assert counts == {f"form-id-number-{number:03}": 1 for number in range(12)}
    assert spool.list_waiting() == []
    assert git(sample_repository, "fsck", "--no-dangling") == ""
    numbers = {json.loads(file.read_bytes())["request"] for file in spool.done.glob("*.json")}
    assert len(numbers) == 12


def test_two_clones_that_push_record_each_form_once(
    sample_repository: Path, spool: Spool, tmp_path: Path
) -> None:
    remote = tmp_path / "remote.git"
    git(sample_repository, "clone", "--quiet", "--bare", ".", str(remote))
    clones = [tmp_path / "one", tmp_path / "two"]
    for clone in clones:
        git(tmp_path, "clone", "--quiet", str(remote), str(clone))
    for number in range(8):
        keep(spool, number)
    command = [sys.executable, "-c", RUN, "intake", "work", "--push", "--once"]
    command += ["--spool", str(spool.waiting.parent), *DAY]
    workers = [subprocess.Popen(command, cwd=clone, env={**os.environ}) for clone in clones]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    counts = count_messages(remote, "intake")
    assert counts == {f"form-id-number-{number:03}": 1 for number in range(8)}
    # The branch is merged elsewhere, and a clone has commits that were never pushed.
    commit_all(clones[0])
    keep(spool, 8)
    for clone in clones:
        subprocess.run(command, cwd=clone, check=True, timeout=60)
    assert count_messages(remote, "intake")["form-id-number-008"] == 1
    assert git(remote, "fsck", "--no-dangling") == ""
