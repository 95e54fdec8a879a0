"""Statements that can be checked."""

import json
import shutil
from collections.abc import Callable
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from ledger.balance.json_values import LATER_KEYS
from ledger.text import add_digest
from tests.conftest import RunPunchcard
from tests.ledger.git.written_ledger import WrittenLedger

Verify = Callable[[Any], tuple[int, str]]


@pytest.fixture
def verify(ledger: WrittenLedger, tmp_path: Path) -> Verify:
    """Verify a statement, or another text; return the status and what is said."""

    def run(statement: Any) -> tuple[int, str]:
        text = statement if isinstance(statement, str) else json.dumps(statement)
        (tmp_path / "statement.json").write_text(text, encoding="utf-8")
        ran = ledger.run("verify", tmp_path / "statement.json")
        return ran.status, ran.stdout + ran.stderr

    return run


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
    ledger: WrittenLedger, verify: Verify, options: list[str]
) -> None:
    ledger.log("09-1", 30)
    ledger.commit()
    statement = ledger.run.json("statement", "acme", *options)
    ledger.log("10-1", 45)
    ledger.commit()
    ledger.log("11-1", 15)
    status, said = verify(statement)
    assert (status, said.startswith("genuine: acme, ")) == (0, True)


def test_layout_and_the_order_of_keys_do_not_matter(ledger: WrittenLedger, verify: Verify) -> None:
    statement = ledger.run.json("statement", "acme")
    text = json.dumps(dict(reversed(statement.items())), separators=(",", ":"))
    assert verify(text)[0] == 0


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("movements 2 minutes", -30, "movements[2].minutes: says -30, should be -45"),
        ("movements -1", None, "movements[3]: says missing, should be "),
        ("approved", True, "approved: says True, should be missing"),
        ("closing_minutes", None, "closing_minutes: says missing, should be 555"),
        ("to", "2026-11-04", "closing_minutes: says 555, should be 615"),
        ("to", "yesterday", "from, to, as_of: says "),
        ("customer", "acme/../acme", "customer: says acme/../acme, should be None"),
        ("digest", "sha256:0", "digest: says sha256:0, should be sha256:"),
        ("movements 2 note", "Some\x1b[2J", "movements[2].note: says Some\\x1b[2J, should be Meta"),
        ("opening_minutes", False, "opening_minutes: says False, should be 0"),
    ],
)
def test_an_altered_statement_is_told_where(
    ledger: WrittenLedger, verify: Verify, path: str, value: object, where: str
) -> None:
    statement = ledger.run.json("statement", "acme")
    *outer, key = (int(x) if x.lstrip("-").isdecimal() else x for x in path.split())
    place = reduce(getitem, outer, statement)
    if value is None:
        del place[key]
    else:
        place[key] = value
    status, said = verify(statement)
    assert status == 1
    assert said.startswith(f"altered: not what commit {ledger.first[:10]} says\n")
    assert where in said


@pytest.mark.parametrize("commit", ["0" * 40, "main", "HEAD", "--output=x", "TREE", 7])
def test_a_commit_that_is_not_here_is_unknown(
    ledger: WrittenLedger, verify: Verify, commit: Any
) -> None:
    statement = ledger.run.json("statement", "acme")
    statement["revision"] = ledger.git("rev-parse", "HEAD^{tree}") if commit == "TREE" else commit
    status, said = verify(statement)
    assert (status, said.startswith("unknown: this repository has no commit")) == (2, True)


def test_a_commit_that_nobody_merged_is_pointed_out(ledger: WrittenLedger, verify: Verify) -> None:
    ledger.git("checkout", "--quiet", "-b", "draft")
    ledger.log("09-1")
    ledger.commit()
    statement = ledger.run.json("statement", "acme")
    ledger.git("checkout", "--quiet", "main")
    status, said = verify(statement)
    assert (status, "is not part of the history of HEAD" in said) == (0, True)


def test_a_statement_of_uncommitted_files_cannot_be_verified(
    ledger: WrittenLedger, verify: Verify
) -> None:
    ledger.log("09-1")
    status, said = verify(ledger.run.json("statement", "acme"))
    assert (status, "names no commit" in said) == (2, True)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"customer": 1}', "[" * 100_000])
def test_what_is_no_statement_is_said(ledger: WrittenLedger, verify: Verify, text: str) -> None:
    status, said = verify(text)
    assert (status, "Traceback" in said, said.count("\n")) == (2, False, 1)


@pytest.mark.parametrize("generations", [1, 2])
def test_a_statement_of_an_earlier_version_is_genuine_for_what_it_said_then(
    ledger: WrittenLedger, verify: Verify, generations: int
) -> None:
    statement = ledger.run.json("statement", "acme")
    later = {"digest", *(key for group in LATER_KEYS[-generations:] for key in group)}
    early = {key: value for key, value in statement.items() if key not in later}
    for movement in early["movements"]:
        for key in later & movement.keys():
            del movement[key]
    assert verify(add_digest(early))[0] == 0
    del early["movements"][0]["note"]
    assert verify(add_digest(early))[0] == 1


def test_a_bare_repository_verifies_and_answers_in_json(
    ledger: WrittenLedger, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    statement = ledger.run.json("statement", "acme")
    statement["movements"][0]["amount"] = "1000.00"
    file = tmp_path / "statement.json"
    file.write_text(json.dumps(statement), encoding="utf-8")
    bare = tmp_path / "bare.git"
    ledger.git("clone", "--quiet", "--bare", ".", str(bare))
    shutil.rmtree(ledger.root)
    ran = punchcard(bare, "verify", file, "--format", "json")
    assert ran.status == 1
    assert json.loads(ran.stdout) == {
        "verdict": "altered",
        "commit": ledger.first,
        "in_history": True,
        "differences": [{"place": "movements[0].amount", "said": "1000.00", "rebuilt": "2000.00"}],
    }


def test_the_digest_covers_everything_else_in_the_statement(ledger: WrittenLedger) -> None:
    statement = ledger.run.json("statement", "acme")
    assert add_digest(statement) == statement
    statement["customer"] = "other"
    assert add_digest(statement)["digest"] != statement["digest"]
