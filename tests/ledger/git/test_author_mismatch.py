"""Who commits whose time."""

import json

from tests.ledger.git.written_ledger import TIME_FILE, WrittenLedger

ALICE = "Alice <alice@example.com>"
BEN = "Ben Okafor <ben@example.com>"


def find_mismatches(ledger: WrittenLedger) -> list[tuple[str, str]]:
    ran = ledger.check("--since", ledger.first, "--format", "json")
    problems = json.loads(ran.stdout)["problems"]
    assert {(item["rule"], item["severity"]) for item in problems} <= {
        ("author-mismatch", "warning")
    }
    assert ran.status == 0
    return [(f"{item['file']}:{item['line']}", item["message"]) for item in problems]


def test_a_commit_that_adds_time_of_somebody_else_is_named(ledger: WrittenLedger) -> None:
    ledger.log("06-1")
    ledger.log("06-2")
    commit = ledger.commit(author=BEN)
    said = f"commit {commit[:10]} by Ben Okafor <ben@example.com> adds time of alice: 06-1, 06-2"
    assert find_mismatches(ledger) == [(f"{TIME_FILE}:8", said)]


def test_no_time_is_added_by_its_own_author_by_nobody_yet_or_by_a_text(
    ledger: WrittenLedger,
) -> None:
    ledger.log("06-1", consultant="ben")
    ledger.commit(author="Ben <BEN.okafor@EXAMPLE.com>")
    ledger.log("07-1")
    ledger.commit(author=ALICE)
    ledger.append(TIME_FILE, "# a comment\n")
    ledger.commit(author=BEN)
    ledger.log("08-1", consultant="ben")
    assert find_mismatches(ledger) == []


def test_a_merge_adds_only_what_no_parent_has(ledger: WrittenLedger) -> None:
    ledger.git("checkout", "--quiet", "-b", "side")
    ledger.log("08-1")
    ledger.commit(author=ALICE)
    ledger.git("checkout", "--quiet", "main")
    ledger.log("06-1", consultant="ben")
    ledger.commit(author=BEN)
    ledger.git("merge", "--quiet", "--no-commit", "side")
    ledger.log("07-1", consultant="ben")
    merge = ledger.commit("Merge", author=ALICE)
    [(_where, message)] = find_mismatches(ledger)
    assert message == f"commit {merge[:10]} by {ALICE} adds time of ben: 07-1"


def test_time_that_was_added_and_taken_out_again_is_still_somebodys(ledger: WrittenLedger) -> None:
    ledger.log("06-1")
    ledger.commit(author=BEN)
    ledger.git("revert", "--no-edit", "HEAD")
    [(where, _message)] = find_mismatches(ledger)
    assert where == f"{TIME_FILE}:1"
