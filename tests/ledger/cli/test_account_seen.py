from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, commit_all, git, start_repository, write_files
from tests.ledger.writing.small_ledger import write_small_ledger

DANA = "dana@acme.example"
FJORD = {
    "customers/fjord/customer.yml": "name: Fjord\nkey: FJL\ncurrency: EUR\n",
    "customers/fjord/accounts.yml": (
        f"- {{email: kim@fjord.example, name: Kim, created: 2026-02-01}}   # the only one\n"
        f"- {{email: {DANA.title()}, name: Dana, created: 2026-02-01, last_sign_in: 2026-03-01}}\n"
    ),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = write_small_ledger(start_repository(tmp_path / "repository"))
    write_files(root, FJORD)
    return commit_all(root)


def log_line(user: str, day: str, portal: str = "", path: str = "/") -> str:
    end = f' "-" "curl" "{portal}"' if portal else ""
    return f'192.0.2.1 - {user} [{day}:12:00:00 +0000] "GET {path} HTTP/1.1" 200 5{end}\n'


def read_last_days(repository: Path, slug: str) -> list[str]:
    text = (repository / f"customers/{slug}/accounts.yml").read_text()
    return [part[:10] for part in text.split("last_sign_in: ")[1:]]


def test_all_logs_become_one_commit_and_every_other_byte_stays(
    repository: Path, run: RunPunchcard, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(
        log_line(DANA, "28/Jun/2026", "acme")
        + log_line("KIM@fjord.example", "29/Jun/2026", "fjord")
        + log_line(DANA, "27/Jun/2026", "acme")  # a clock that went back
    )
    (tmp_path / "access.log.1").write_text(log_line(DANA, "20/Jun/2026", "fjord"))
    (tmp_path / "access.log.2.gz").write_bytes(
        gzip.compress(log_line(DANA, "21/Jun/2026", "fjord").encode())
    )
    (repository / "customers/acme/purchases.yml").write_text(
        (repository / "customers/acme/purchases.yml").read_text() + "# not to be committed\n"
    )
    seen = ("account", "seen", "--from", f"{tmp_path}/access.log*")
    ran = run(*seen, "--commit")
    assert (ran.status, ran.stderr) == (0, "")
    assert "acme: dana@acme.example was there on 2026-06-28\n" in ran.stdout
    assert "3 accounts recorded, commit " in ran.stdout
    assert git(repository, "rev-list", "--count", "HEAD") == "2"
    assert git(repository, "diff", "--name-only", "HEAD~", "HEAD").split() == [
        "customers/acme/accounts.yml",
        "customers/fjord/accounts.yml",
    ]
    assert git(repository, "status", "--porcelain") == "M customers/acme/purchases.yml"
    assert (repository / "customers/fjord/accounts.yml").read_text() == (
        "- {email: kim@fjord.example, name: Kim, created: 2026-02-01, last_sign_in: 2026-06-29}"
        "   # the only one\n"
        f"- {{email: {DANA.title()}, name: Dana, created: 2026-02-01, last_sign_in: 2026-06-21}}\n"
    )
    ran = run(*seen, "--commit")
    assert ran.stdout == "nothing to write: no account was there later than is known\n"
    assert git(repository, "rev-list", "--count", "HEAD") == "2"


def test_a_day_never_goes_back(repository: Path, run: RunPunchcard, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    for day, known in (("28/Feb/2026", "2026-03-01"), ("01/Mar/2026", "2026-03-01")):
        log.write_text(log_line(DANA, day, "fjord"))
        ran = run("account", "seen", "--from", log)
        assert ran.status == 0
        assert read_last_days(repository, "fjord") == [known]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory, so nothing of it counts"),
        (log_line(DANA, "28/Jun/2026", "acme").encode()[:-1], "it is cut off"),
        (gzip.compress(log_line(DANA, "28/Jun/2026", "acme").encode())[:-9], "it is cut off"),
        (b"\x00\x01\x02 no log\n", "no line of it is one of an access log"),
        (b"", ""),
    ],
)
def test_a_log_that_is_missing_or_not_whole_changes_nothing_and_is_said(
    repository: Path, run: RunPunchcard, tmp_path: Path, content: bytes | None, said: str
) -> None:
    log = tmp_path / "access.log"
    if content is not None:
        log.write_bytes(content)
    seen = ("account", "seen", "--from", log, "--commit")
    ran = run(*seen)
    assert (ran.status, said in ran.stderr) == (2 if said else 0, True)
    (tmp_path / "whole.log").write_text(log_line("-", "28/Jun/2026"))
    ran = run(*seen, "--from", tmp_path / "whole.log")
    assert (ran.status, said in ran.stderr) == (0, True)
    assert ("warning: " in ran.stderr) == bool(said)
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "rev-list", "--count", "HEAD") == "1"


def test_one_bad_log_does_not_spoil_the_others(
    repository: Path, run: RunPunchcard, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(log_line(DANA, "28/Jun/2026", "acme") + "rubbish\n")
    seen = ("account", "seen", "--from", log, "--from", tmp_path / "missing")
    ran = run(*seen, "--format", "json")
    said = json.loads(ran.stdout)
    assert [item["last_sign_in"] for item in said["sign_ins"]] == ["2026-06-28"]
    assert (len(said["warnings"]), said["commit"]) == (2, None)
    assert "1 of 2 lines are none of a log" in ran.stderr
    assert read_last_days(repository, "acme") == ["2026-06-28"]


def test_strangers_and_days_to_come_are_said_and_left_out(
    repository: Path, run: RunPunchcard, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(
        log_line("eve@evil.example\\x1b[31m", "28/Jun/2026", "acme")
        + log_line("kim@fjord.example", "28/Jun/2026", "acme")
        + log_line("kim@fjord.example", "01/Jul/2026", "fjord")
    )
    ran = run("account", "seen", "--from", log)
    assert ran.status == 0
    assert "nobody has an account as eve@evil.example\\x1b[31m, kim@fjord.example" in ran.stderr
    assert "visits on 2026-07-01 lie in the future" in ran.stderr
    assert git(repository, "status", "--porcelain") == ""


def test_an_address_at_two_customers_needs_to_be_told_apart(
    repository: Path, run: RunPunchcard, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(log_line(DANA, "28/Jun/2026"))
    seen = ("account", "seen", "--from", log)
    ran = run(*seen)
    assert "has an account at several customers" in ran.stderr
    assert git(repository, "status", "--porcelain") == ""
    ran = run("account", "seen", "fjord", "--from", log)
    assert (ran.status, ran.stderr) == (0, "")
    assert read_last_days(repository, "fjord") == ["2026-06-28"]
    assert read_last_days(repository, "acme") == []
    log.write_text(log_line(DANA, "29/Jun/2026", path="/acme/requests.html"))
    assert run(*seen).stderr == ""
    assert read_last_days(repository, "acme") == ["2026-06-29"]


def test_standard_input_is_a_log_too(
    repository: Path, run: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(log_line(DANA, "28/Jun/2026", "acme").encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(packed))))
    ran = run("account", "seen", "--from", "-")
    assert (ran.status, ran.stderr) == (0, "")
    assert read_last_days(repository, "acme") == ["2026-06-28"]


@pytest.mark.parametrize(
    ("days", "last", "warns"),
    [
        # Created 12 January and a request on the 13th: active through 13 July.
        (["12/Jul/2026"], "2026-07-12", False),
        (["13/Jul/2026"], "2026-07-13", False),
        (["14/Jul/2026"], None, True),
        (["13/Jul/2026", "13/Jan/2027"], "2027-01-13", False),
        (["13/Jul/2026", "14/Jan/2027"], "2026-07-13", True),
        (["11/Jan/2026"], None, True),
        # 31 August and six months: the last day of February, in leap years the 29th.
        (["12/Jul/2027", "31/Aug/2027"], None, True),
        (["13/Jul/2026", "31/Aug/2026", "28/Feb/2027"], "2027-02-28", False),
        (["13/Jul/2026", "31/Aug/2026", "01/Mar/2027"], "2026-08-31", True),
        (["13/Jul/2026", "01/Jan/2027", "30/Jun/2027", "31/Aug/2027", "29/Feb/2028"],
         "2028-02-29", False),
        (["13/Jul/2026", "01/Jan/2027", "30/Jun/2027", "31/Aug/2027", "01/Mar/2028"],
         "2027-08-31", True),
    ]
)  # fmt: skip
def test_only_days_on_which_the_account_was_active_count(
    repository: Path,
    run: RunPunchcard,
    tmp_path: Path,
    days: list[str],
    last: str | None,
    warns: bool,
) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(log_line(DANA, day, "acme") for day in reversed(days)))
    ran = run("account", "seen", "--from", log, "--as-of", "2029-01-01")
    assert ran.status == 0
    assert read_last_days(repository, "acme") == ([last] if last else [])
    assert ("was not active then" in ran.stderr) == warns


def test_a_commit_on_a_branch_leaves_the_work_tree_alone(
    repository: Path, run: RunPunchcard, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(log_line(DANA, "28/Jun/2026", "acme"))
    seen = ("account", "seen", "--from", log)
    ran = run(*seen, "--branch", "seen/today")
    assert "on seen/today" in ran.stdout
    assert git(repository, "status", "--porcelain") == ""
    assert "2026-06-28" in git(repository, "show", "seen/today:customers/acme/accounts.yml")


def test_a_ledger_with_errors_is_left_alone(
    repository: Path, run: RunPunchcard, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(log_line("kim@fjord.example", "28/Jun/2026", "fjord"))
    accounts = repository / "customers/fjord/accounts.yml"
    accounts.write_text(accounts.read_text() + "- {email: x}\n")
    before = accounts.read_text()
    ran = run("account", "seen", "--from", log)
    assert ran.status == 1
    assert "error[schema]" in ran.stderr
    assert accounts.read_text() == before


@pytest.mark.parametrize(
    "wrong", [("acme",), ("acme", DANA, "--from", "x"), ("--from", "x", "--date", "2026-06-01")]
)
def test_what_makes_no_sense_together_is_refused(run: RunPunchcard, wrong: tuple[str, ...]) -> None:
    assert run("account", "seen", *wrong).status == 2
