"""What waits in the folder of forms gets on record once, whatever happens meanwhile."""

import json
import random
import subprocess
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from tests.conftest import commit_all, git
from tests.site_builder.intake.conftest import DAY, PROGRAM, Work, count_messages


def test_forms_become_commits_of_a_branch_in_their_order(work: Work) -> None:
    work.keep(3, 1)
    work.keep(2, request="ACME-2")
    work.keep(4, account="eve@acme.example")
    work.keep(5, request="HSI-1")
    work.run(status=1)
    assert git(work.repository, "log", "--format=%s", "main..intake").splitlines() == [
        "acme: ACME-2 is in-progress (dana@acme.example)",
        "acme: open ACME-16, Title 1",
        "acme: open ACME-15, Title 3",
    ]
    assert git(work.repository, "status", "--porcelain") == ""
    assert work.spool.list_waiting() == []
    assert work.spool.find("acme.form-id-number-001") is not None
    reasons = [each["reason"] for each in work.spool.quarantine.list_kept()]
    assert sorted(reasons) == [
        "eve@acme.example is nobody's account",
        "it names HSI-1, which is no request of acme",
    ]
    shown = git(work.repository, "show", "intake:customers/acme/requests/ACME-16.yml")
    assert "opened: 2026-11-28" in shown  # as it was then in the provider's time zone
    assert 'message_id: "<form-id-number-001@intake.acme>"' in shown
    work.keep(6)
    work.run()
    checked = work.punchcard(work.repository, "check", "--rev", "intake", *DAY)
    assert checked.status == 0, checked.stdout


def test_an_order_by_form_becomes_a_purchase(work: Work) -> None:
    work.keep(1, title="Buy hours", text="Punchcards: 2\nPrice: 2000.00 USD\nPO: PO-9")
    work.run("--commit")
    agreed = ("2", "--amount", "2000", "--from-request", "ACME-15", "--as", "alice", "--commit")
    ran = work.punchcard(work.repository, "buy", "acme", *agreed, *DAY)
    assert (ran.status, "P3: buy 2 punchcards for 2000.00 USD" in ran.stdout) == (0, True)
    shown = git(work.repository, "show", "--format=")
    assert "+  purchase_order: PO-9\n" in shown
    assert "by: alice, status: resolved, note: P3 recorded.}" in shown


def test_the_branch_follows_the_main_one(work: Work) -> None:
    work.keep(1)
    work.run()
    opened = ("request", "open", "acme", "By a consultant", "--category", "detailed-qa")
    ran = work.punchcard(work.repository, *opened, "--by", "alice", "--commit", *DAY)
    assert ran.status == 0
    work.keep(2, request="ACME-16")
    assert "ACME-16 answered" in work.run().stdout
    git(work.repository, "merge", "--quiet", "intake")
    work.keep(3)
    work.run()
    assert git(work.repository, "rev-list", "--count", "main..intake") == "1"


def test_what_is_checked_out_gets_the_commits_by_option(work: Work) -> None:
    work.keep(1)
    work.run("--commit")
    assert (work.repository / "customers/acme/requests/ACME-15.yml").is_file()
    work.keep(2)
    assert "use --commit" in work.run("--branch", "main", status=2).stderr
    assert len(work.spool.list_waiting()) == 1


def test_a_form_that_was_recorded_is_known_and_another_text_is_told(work: Work) -> None:
    work.keep(1)
    [file] = work.spool.list_waiting()
    source = file.read_bytes()
    work.run()
    work.keep(1)
    assert work.spool.list_waiting() == []
    with pytest.raises(LedgerError, match="another text"):
        work.keep(1, text="Something else")
    file.write_bytes(source)  # as if it had been killed before it removed the file
    assert "ACME-15 has it already" in work.run().stdout
    assert count_messages(work.repository) == {1: 1}


def test_forms_wait_while_their_customers_files_have_errors_and_others_do_not(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.intake.worker._MOST_AT_ONCE", 2)
    file = work.repository / "customers/acme/accounts.yml"
    before = file.read_bytes()
    file.write_bytes(before + b"- not: an account\n")
    commit_all(work.repository)
    work.keep(*range(5))  # more than are taken at once
    work.keep(99, account="wanjiru.kamau@savanna-sky.example", customer="savanna-sky")
    ran = work.run(status=2)
    assert ran.stdout.count("not taken yet: the ledger has errors") == 5
    assert "SKY-" in ran.stdout
    assert len(work.spool.list_waiting()) == 5
    assert list(work.spool.quarantine.list_kept()) == []
    file.write_bytes(before)
    commit_all(work.repository)
    work.run()
    assert count_messages(work.repository) == dict.fromkeys([*range(5), 99], 1)


def test_portals_are_published_at_once(work: Work, tmp_path: Path) -> None:
    served = tmp_path / "served"

    def publish() -> dict[str, Path]:
        command = ("portal", "publish", "--to", served, "--jobs", 1, *DAY)
        ran = work.punchcard(work.repository, *command)
        assert ran.status == 0, ran.stderr
        return list_links()

    def list_links() -> dict[str, Path]:
        return {path.name: path.readlink() for path in served.iterdir() if path.is_symlink()}

    before = publish()
    work.keep(1, title="A brand-new wish")
    assert "portal of acme: published" in work.run("--publish", served).stdout
    assert "A brand-new wish" in (served / "acme/requests.html").read_text()
    after = list_links()
    assert before.keys() == after.keys()
    assert {name for name in after if after[name] != before[name]} == {"acme"}
    publish()


def test_killed_at_any_time_two_workers_record_each_form_once(work: Work) -> None:
    rng = random.Random(5)
    work.keep(*range(12))
    work.run_killed(rng.uniform(0.8, 2.5) for _round in range(4))
    assert count_messages(work.repository) == dict.fromkeys(range(12), 1)
    assert work.spool.list_waiting() == []
    assert git(work.repository, "fsck", "--no-dangling") == ""
    done = work.spool.done.glob("*.json")
    assert len({json.loads(file.read_bytes())["request"] for file in done}) == 12


def test_two_clones_that_push_record_each_form_once(work: Work, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    git(work.repository, "clone", "--quiet", "--bare", ".", str(remote))
    clones = [tmp_path / "one", tmp_path / "two"]
    for clone in clones:
        git(tmp_path, "clone", "--quiet", str(remote), str(clone))
    work.keep(*range(8))
    command = [*PROGRAM, *work.list_arguments("--push", "--once")]
    workers = [subprocess.Popen(command, cwd=clone) for clone in clones]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    assert count_messages(remote) == dict.fromkeys(range(8), 1)
    # The branch is merged elsewhere, and a clone has commits that were never pushed.
    commit_all(clones[0])
    work.keep(8)
    for clone in clones:
        subprocess.run(command, cwd=clone, check=True, timeout=60)
    assert count_messages(remote)[8] == 1
    assert git(remote, "fsck", "--no-dangling") == ""
