"""Who commits whose time."""

from __future__ import annotations

import json

from tests.conftest import RunPunchcard
from tests.ledger.git.written_ledger import AS_OF, TIME_FILE, WrittenLedger

BEN = "Ben Okafor <ben@example.com>"


def find_mismatches(punchcard: RunPunchcard, ledger: WrittenLedger) -> list[tuple[str, str]]:
    ran = punchcard(
        ledger.root, "check", "--since", ledger.first, "--as-of", AS_OF, "--format", "json"
    )
    problems = json.loads(ran.stdout)["problems"]
    assert {item["rule"] for item in problems} <= {"author-mismatch"}
    assert {item["severity"] for item in problems} <= {"warning"}
    assert ran.status == 0
    return [(f"{item['file']}:{item['line']}", item["message"]) for item in problems]


def test_a_commit_that_adds_time_of_somebody_else_is_named(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("06-1")
    ledger.log("06-2")
    commit = ledger.commit(author=BEN)
    assert find_mismatches(punchcard, ledger) == [
        (
            f"{TIME_FILE}:8",
            f"commit {commit[:10]} by Ben Okafor <ben@example.com> adds time of alice: 06-1, 06-2",
        )
    ]


def test_every_address_of_a_consultant_counts_in_any_case(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("06-1", consultant="ben")
    ledger.commit(author="Ben <BEN.okafor@EXAMPLE.com>")
    ledger.log("07-1")
    ledger.commit(author="Alice <alice@example.com>")
    assert find_mismatches(punchcard, ledger) == []


def test_uncommitted_time_has_no_author_yet(punchcard: RunPunchcard, ledger: WrittenLedger) -> None:
    ledger.log("06-1", consultant="ben")
    assert find_mismatches(punchcard, ledger) == []


def test_editing_a_text_adds_no_time(punchcard: RunPunchcard, ledger: WrittenLedger) -> None:
    ledger.append(TIME_FILE, "# a comment\n")
    ledger.commit(author=BEN)
    assert find_mismatches(punchcard, ledger) == []


def test_a_merge_adds_only_what_no_parent_has(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("checkout", "--quiet", "-b", "side")
    ledger.log("08-1")
    ledger.commit(author="Alice <alice@example.com>")
    ledger.git("checkout", "--quiet", "main")
    ledger.log("06-1", consultant="ben")
    ledger.commit(author=BEN)
    ledger.git("merge", "--quiet", "--no-commit", "side")
    ledger.log("07-1", consultant="ben")
    merge = ledger.commit("Merge", author="Alice <alice@example.com>")
    [(_where, message)] = find_mismatches(punchcard, ledger)
    assert message.startswith(f"commit {merge[:10]} by Alice <alice@example.com> adds time of ben")
    assert message.endswith(": 07-1")


def test_time_that_was_added_and_taken_out_again_is_still_somebodys(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("06-1")
    ledger.commit(author=BEN)
    ledger.git("revert", "--no-edit", "HEAD")
    [(where, _message)] = find_mismatches(punchcard, ledger)
    assert where == f"{TIME_FILE}:1"
