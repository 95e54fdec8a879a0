import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from tests.conftest import Commands, Ran, commit_all, start_repository, write_files
from tests.ledger.writing.small_ledger import write_small_ledger

DANA, KIM = "dana@acme.example", "kim@fjord.example"
FJORD = {
    "customers/fjord/customer.yml": "name: Fjord\nkey: FJL\ncurrency: EUR\n",
    "customers/fjord/accounts.yml": (
        f"- {{email: {KIM}, name: Kim, created: 2026-02-01}}   # the only one\n"
        f"- {{email: {DANA.title()}, name: Dana, created: 2026-02-01, last_sign_in: 2026-03-01}}\n"
    ),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = write_small_ledger(start_repository(tmp_path / "repository"))
    return commit_all(write_files(root, FJORD))


class Log:
    """A web server's log, and what is made of it."""

    def __init__(self, run: Commands, file: Path) -> None:
        self.run, self.file = run, file

    def write(self, *visits: tuple[str, str, str], more: str = "") -> None:
        """Write who was there on which day, at whose portal."""
        self.file.write_text("".join(log_line(*visit) for visit in visits) + more)

    def read(self, *options: object) -> Ran:
        return self.run("account", "seen", "--from", self.file, *options)

    def list_days(self, slug: str) -> list[str]:
        """Return the last days that are known of a customer's accounts now."""
        text = (self.run.root / f"customers/{slug}/accounts.yml").read_text()
        return [part[:10] for part in text.split("last_sign_in: ")[1:]]

    def has_changed_nothing(self) -> bool:
        count = self.run.git("rev-list", "--count", "HEAD")
        return (self.run.git("status", "--porcelain"), count) == ("", "1")


@pytest.fixture
def log(run: Commands, tmp_path: Path) -> Log:
    return Log(run, tmp_path / "access.log")


def log_line(user: str, day: str, portal: str = "", path: str = "/") -> str:
    end = f' "-" "curl" "{portal}"' if portal else ""
    return f'192.0.2.1 - {user} [{day}:12:00:00 +0000] "GET {path} HTTP/1.1" 200 5{end}\n'


PACKED = gzip.compress(log_line(DANA, "28/Jun/2026", "acme").encode())


def test_all_logs_become_one_commit_and_every_other_byte_stays(
    run: Commands, log: Log, tmp_path: Path
) -> None:
    # The last is of a clock that went back.
    log.write(
        (DANA, "28/Jun/2026", "acme"), (KIM.upper(), "29/Jun/2026", "fjord"),
        (DANA, "27/Jun/2026", "acme"),
    )  # fmt: skip
    (tmp_path / "access.log.1").write_text(log_line(DANA, "20/Jun/2026", "fjord"))
    packed = gzip.compress(log_line(DANA, "21/Jun/2026", "fjord").encode())
    (tmp_path / "access.log.2.gz").write_bytes(packed)
    with (run.root / "customers/acme/purchases.yml").open("a") as file:
        file.write("# not to be committed\n")
    seen = ("account", "seen", "--from", f"{tmp_path}/access.log*", "--commit")
    said = run.done(*seen)
    assert "acme: dana@acme.example was there on 2026-06-28\n" in said
    assert "3 accounts recorded, commit " in said
    assert run.git("diff", "--name-only", "HEAD~", "HEAD").split() == [
        *("customers/acme/accounts.yml", "customers/fjord/accounts.yml")
    ]
    assert run.git("status", "--porcelain") == "M customers/acme/purchases.yml"
    assert (run.root / "customers/fjord/accounts.yml").read_text() == (
        "- {email: kim@fjord.example, name: Kim, created: 2026-02-01, last_sign_in: 2026-06-29}"
        "   # the only one\n"
        f"- {{email: {DANA.title()}, name: Dana, created: 2026-02-01, last_sign_in: 2026-06-21}}\n"
    )
    assert run.done(*seen) == "nothing to write: no account was there later than is known\n"
    assert run.git("rev-list", "--count", "HEAD") == "2"


def test_a_day_never_goes_back(log: Log) -> None:
    for day in ("28/Feb/2026", "01/Mar/2026"):
        log.write((DANA, day, "fjord"))
        assert log.read().status == 0
        assert log.list_days("fjord") == ["2026-03-01"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory, so nothing of it counts"),
        (log_line(DANA, "28/Jun/2026", "acme").encode()[:-1], "it is cut off"),
        (PACKED[:-9], "it is cut off"),
        (b"\x00\x01\x02 no log\n", "no line of it is one of an access log"),
        (b"", ""),
    ],
)
def test_a_log_that_is_missing_or_not_whole_changes_nothing_and_is_said(
    log: Log, tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        log.file.write_bytes(content)
    ran = log.read("--commit")
    assert (ran.status, said in ran.stderr) == (2 if said else 0, True)
    (tmp_path / "whole.log").write_text(log_line("-", "28/Jun/2026"))
    ran = log.read("--commit", "--from", tmp_path / "whole.log")
    assert (ran.status, said in ran.stderr) == (0, True)
    assert ("warning: " in ran.stderr) == bool(said)
    assert log.has_changed_nothing()


def test_one_bad_log_does_not_spoil_the_others(log: Log, tmp_path: Path) -> None:
    log.write((DANA, "28/Jun/2026", "acme"), more="rubbish\n")
    ran = log.read("--from", tmp_path / "missing", "--format", "json")
    said = json.loads(ran.stdout)
    assert [item["last_sign_in"] for item in said["sign_ins"]] == ["2026-06-28"]
    assert (len(said["warnings"]), said["commit"]) == (2, None)
    assert "1 of 2 lines are none of a log" in ran.stderr
    assert log.list_days("acme") == ["2026-06-28"]


def test_strangers_and_days_to_come_are_said_and_left_out(log: Log) -> None:
    eve = "eve@evil.example\\x1b[31m"
    log.write(
        *((eve, "28/Jun/2026", "acme"), (KIM, "28/Jun/2026", "acme"), (KIM, "01/Jul/2026", "fjord"))
    )
    ran = log.read()
    assert ran.status == 0
    assert f"nobody has an account as {eve}, kim@fjord.example" in ran.stderr
    assert "visits on 2026-07-01 lie in the future" in ran.stderr
    assert log.has_changed_nothing()


def test_an_address_at_two_customers_needs_to_be_told_apart(run: Commands, log: Log) -> None:
    log.write((DANA, "28/Jun/2026", ""))
    assert "has an account at several customers" in log.read().stderr
    assert log.has_changed_nothing()
    run.done("account", "seen", "fjord", "--from", log.file)
    assert (log.list_days("fjord"), log.list_days("acme")) == (["2026-06-28"], [])
    log.write(more=log_line(DANA, "29/Jun/2026", path="/acme/requests.html"))
    assert log.read().stderr == ""
    assert log.list_days("acme") == ["2026-06-29"]


def test_standard_input_is_a_log_too(
    run: Commands, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(PACKED))))
    run.done("account", "seen", "--from", "-")
    assert log.list_days("acme") == ["2026-06-28"]


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
    log: Log, days: list[str], last: str | None, warns: bool
) -> None:
    log.write(*((DANA, day, "acme") for day in reversed(days)))
    ran = log.read("--as-of", "2029-01-01")
    assert ran.status == 0
    assert log.list_days("acme") == ([last] if last else [])
    assert ("was not active then" in ran.stderr) == warns


def test_a_commit_on_a_branch_leaves_the_work_tree_alone(run: Commands, log: Log) -> None:
    log.write((DANA, "28/Jun/2026", "acme"))
    assert "on seen/today" in log.read("--branch", "seen/today").stdout
    assert log.has_changed_nothing()
    assert "2026-06-28" in run.git("show", "seen/today:customers/acme/accounts.yml")


def test_a_ledger_with_errors_is_left_alone(run: Commands, log: Log) -> None:
    log.write((KIM, "28/Jun/2026", "fjord"))
    accounts = run.root / "customers/fjord/accounts.yml"
    accounts.write_text(accounts.read_text() + "- {email: x}\n")
    before = accounts.read_text()
    assert "error[schema]" in run.refuse("account", "seen", "--from", log.file, status=1)
    assert accounts.read_text() == before


@pytest.mark.parametrize(
    "wrong", [("acme",), ("acme", DANA, "--from", "x"), ("--from", "x", "--date", "2026-06-01")]
)
def test_what_makes_no_sense_together_is_refused(run: Commands, wrong: tuple[str, ...]) -> None:
    assert run("account", "seen", *wrong).status == 2
