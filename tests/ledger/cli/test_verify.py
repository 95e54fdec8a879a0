"""Statements that can be checked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, WrittenLedger

Statement = dict[str, Any]


def make_statement(punchcard: RunPunchcard, ledger: WrittenLedger, *options: str) -> Statement:
    ran = punchcard(
        ledger.root, "statement", "acme", "--as-of", AS_OF, "--format", "json", *options
    )
    assert ran.status == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def verify(
    punchcard: RunPunchcard, ledger: WrittenLedger, statement: Any, tmp_path: Path
) -> tuple[int, str]:
    file = tmp_path / "statement.json"
    text = statement if isinstance(statement, str) else json.dumps(statement)
    file.write_text(text, encoding="utf-8")
    ran = punchcard(ledger.root, "verify", file)
    return ran.status, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--from", "2026-11-04", "--to", "2026-11-10"],
        ["--provenance"],
        ["--rev", "HEAD~1"],
        ["--as-of", "2026-11-03"],
    ],
)
def test_a_statement_as_it_was_made_is_genuine_even_when_the_ledger_goes_on(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path, options: list[str]
) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    statement = make_statement(punchcard, ledger, *options)
    ledger.log("10-1", 45)
    ledger.commit()
    ledger.log("11-1", 15)
    status, said = verify(punchcard, ledger, statement, tmp_path)
    assert (status, said.startswith("genuine: acme, ")) == (0, True)


def test_layout_and_the_order_of_keys_do_not_matter(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    statement = make_statement(punchcard, ledger)
    text = json.dumps(dict(reversed(statement.items())), separators=(",", ":"))
    assert verify(punchcard, ledger, text, tmp_path)[0] == 0


def set_minutes(statement: Statement) -> None:
    statement["movements"][2]["minutes"] = -30


def drop_movement(statement: Statement) -> None:
    del statement["movements"][-1]


def add_key(statement: Statement) -> None:
    statement["approved"] = True


def drop_key(statement: Statement) -> None:
    del statement["closing_minutes"]


def change_period(statement: Statement) -> None:
    statement["to"] = "2026-11-04"


def change_period_to_nonsense(statement: Statement) -> None:
    statement["to"] = "yesterday"


def change_customer(statement: Statement) -> None:
    statement["customer"] = "acme/../acme"


def change_digest(statement: Statement) -> None:
    statement["digest"] = "sha256:0"


def change_note(statement: Statement) -> None:
    statement["movements"][2]["note"] = "Something\x1b[2J else"


def turn_number_into_truth(statement: Statement) -> None:
    statement["opening_minutes"] = False


@pytest.mark.parametrize(
    ("alter", "where"),
    [
        (set_minutes, "movements[2].minutes: says -30, should be -45"),
        (drop_movement, "movements[3]: says missing, should be "),
        (add_key, "approved: says True, should be missing"),
        (drop_key, "closing_minutes: says missing, should be 555"),
        (change_period, "closing_minutes: says 555, should be 615"),
        (change_period_to_nonsense, "from, to, as_of: says "),
        (change_customer, "customer: says acme/../acme, should be None"),
        (change_digest, "digest: says sha256:0, should be sha256:"),
        (change_note, "movements[2].note: says Something\\x1b[2J else, should be Metadata"),
        (turn_number_into_truth, "opening_minutes: says False, should be 0"),
    ],
)
def test_an_altered_statement_is_told_where(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    tmp_path: Path,
    alter: Callable[[Statement], None],
    where: str,
) -> None:
    statement = make_statement(punchcard, ledger)
    alter(statement)
    status, said = verify(punchcard, ledger, statement, tmp_path)
    assert status == 1
    assert said.startswith(f"altered: not what commit {ledger.first[:10]} says\n")
    assert where in said


@pytest.mark.parametrize("commit", ["0" * 40, "main", "HEAD", "--output=x", "TREE", 7])
def test_a_commit_that_is_not_here_is_unknown(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path, commit: Any
) -> None:
    statement = make_statement(punchcard, ledger)
    statement["revision"] = ledger.git("rev-parse", "HEAD^{tree}") if commit == "TREE" else commit
    status, said = verify(punchcard, ledger, statement, tmp_path)
    assert (status, said.startswith("unknown: this repository has no commit")) == (2, True)


def test_another_repository_does_not_know_it(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.log("09-1")
    ledger.commit()
    statement = make_statement(punchcard, ledger)
    other = WrittenLedger(tmp_path / "other")
    assert verify(punchcard, other, statement, tmp_path)[0] == 2


def test_a_commit_that_nobody_merged_is_pointed_out(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.git("checkout", "--quiet", "-b", "draft")
    ledger.log("09-1")
    ledger.commit()
    statement = make_statement(punchcard, ledger)
    ledger.git("checkout", "--quiet", "main")
    status, said = verify(punchcard, ledger, statement, tmp_path)
    assert (status, "is not part of the history of HEAD" in said) == (0, True)


def test_a_statement_of_uncommitted_files_cannot_be_verified(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.log("09-1")
    status, said = verify(punchcard, ledger, make_statement(punchcard, ledger), tmp_path)
    assert (status, "names no commit" in said) == (2, True)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"customer": 1}', "[" * 100_000])
def test_what_is_no_statement_is_said(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path, text: str
) -> None:
    status, said = verify(punchcard, ledger, text, tmp_path)
    assert (status, "Traceback" in said, said.count("\n")) == (2, False, 1)


@pytest.mark.parametrize("generations", [1, 2])
def test_a_statement_of_an_earlier_version_is_genuine_for_what_it_said_then(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path, generations: int
) -> None:
    from ledger.balance.json_values import LATER_KEYS
    from ledger.text import add_digest

    statement = make_statement(punchcard, ledger)
    later = {"digest", *(key for group in LATER_KEYS[-generations:] for key in group)}
    early: Statement = {key: value for key, value in statement.items() if key not in later}
    for movement in early["movements"]:
        for key in later & movement.keys():
            del movement[key]
    assert verify(punchcard, ledger, add_digest(early), tmp_path)[0] == 0
    del early["movements"][0]["note"]
    assert verify(punchcard, ledger, add_digest(early), tmp_path)[0] == 1


def test_a_bare_repository_verifies_and_answers_in_json(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    statement = make_statement(punchcard, ledger)
    statement["movements"][0]["amount"] = "1000.00"
    file = tmp_path / "statement.json"
    file.write_text(json.dumps(statement), encoding="utf-8")
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(ledger.root), str(bare))
    shutil.rmtree(ledger.root)
    ran = punchcard(bare, "verify", file, "--format", "json")
    assert ran.status == 1
    assert json.loads(ran.stdout) == {
        "verdict": "altered",
        "commit": ledger.first,
        "in_history": True,
        "differences": [
            {"place": "movements[0].amount", "said": "1000.00", "rebuilt": "2000.00"},
        ],
    }


def test_the_digest_covers_everything_else_in_the_statement(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    from ledger.text import add_digest

    statement = make_statement(punchcard, ledger)
    assert add_digest(statement) == statement
    statement["customer"] = "other"
    assert add_digest(statement)["digest"] != statement["digest"]
