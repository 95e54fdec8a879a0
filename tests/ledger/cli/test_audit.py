"""The history of a ledger, step by step."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunPunchcard
from tests.ledger.git.written_ledger import REQUEST_FILE, TERMS_FILE, TIME_FILE, WrittenLedger

BEN = "Ben Okafor <ben@example.com>"


def audit(ledger: WrittenLedger, *options: str) -> tuple[int, dict[str, Any]]:
    ran = ledger.run("audit", "--format", "json", *options)
    return ran.status, json.loads(ran.stdout)


def test_each_commit_that_altered_something_is_named_with_its_author(ledger: WrittenLedger) -> None:
    ledger.log("09-1")
    ledger.commit("Fine")
    altered = ledger.alter(BEN)
    ledger.replace(TIME_FILE, "Walked through", "Went through")
    reworded = ledger.commit("Mend the words")
    ledger.replace(
        REQUEST_FILE, "  - {date: 2026-11-10, by: alice, note: Waiting for a certificate.}\n", ""
    )
    removed = ledger.commit("Tidy up")
    status, answer = audit(ledger)
    assert (status, answer["commits"], answer["from"]) == (1, 5, None)
    found = [
        (item["commit"], item["author"], item["problems"][0]["severity"])
        for item in answer["findings"]
    ]
    assert found == [
        (altered, "Ben Okafor", "error"),
        (reworded, "Alice Moreau", "warning"),
        (removed, "Alice Moreau", "error"),
    ]
    [problem] = answer["findings"][0]["problems"]
    assert (problem["file"], problem["line"]) == (TIME_FILE, 1)
    assert "entry 2026-11-alice/03-1 was altered: minutes 45 -> 30" in problem["message"]


def test_people_read_who_when_and_what(ledger: WrittenLedger) -> None:
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    altered = ledger.commit("Mend\x1b[31m the minutes", BEN)
    text = ledger.run("audit").stdout
    first, *_rest, last = text.splitlines()
    assert first.startswith(f"{altered[:10]} 20")
    assert ("Ben Okafor <ben@example.com>: Mend" in first, "\x1b" in text) == (True, False)
    assert last == "2 commits: 1 altered recorded facts, 0 only texts"


def test_a_history_that_only_grew_is_clean_and_any_revision_may_be_the_beginning(
    ledger: WrittenLedger,
) -> None:
    for day in range(10, 14):
        ledger.log(f"{day}-1")
        ledger.commit()
    status, answer = audit(ledger)
    assert (status, answer["commits"], answer["findings"]) == (0, 5, [])
    altered = ledger.alter()
    ledger.log("09-1")
    ledger.commit()
    status, answer = audit(ledger, "--from", altered)
    assert (status, answer["from"], answer["commits"]) == (0, altered, 1)


def test_a_merge_stands_for_what_it_brought(ledger: WrittenLedger) -> None:
    ledger.git("checkout", "--quiet", "-b", "side")
    ledger.alter(BEN)
    ledger.git("checkout", "--quiet", "main")
    ledger.log("09-1", consultant="ben")
    ledger.commit()
    ledger.git("merge", "--quiet", "--no-edit", "side")
    merge = ledger.git("rev-parse", "HEAD")
    status, answer = audit(ledger)
    assert (status, [item["commit"] for item in answer["findings"]]) == (1, [merge])


def test_what_was_altered_behind_an_unreadable_version_is_found(ledger: WrittenLedger) -> None:
    ledger.append(TIME_FILE, "- id: [\n")
    broken = ledger.commit("Broken")
    status, answer = audit(ledger)  # Unreadable to the end: that is not passed over.
    assert (status, [item["commit"] for item in answer["findings"]]) == (1, [broken])
    [problem] = answer["findings"][0]["problems"]
    assert (problem["file"], "cannot be read" in problem["message"]) == (TIME_FILE, True)
    ledger.append(TIME_FILE, "- still: [\n")
    ledger.commit("Still broken")
    ledger.replace(TIME_FILE, "- id: [\n- still: [\n", "")
    mended = ledger.alter()
    status, answer = audit(ledger)
    assert (status, [item["commit"] for item in answer["findings"]]) == (1, [mended])
    assert "minutes 45 -> 30" in answer["findings"][0]["problems"][0]["message"]


def test_a_request_charged_otherwise_on_a_past_day_is_found_with_its_entries(
    ledger: WrittenLedger,
) -> None:
    ledger.append(REQUEST_FILE, "  - {date: 2026-11-05, by: alice, moved_to: support}\n")
    ledger.commit()
    status, answer = audit(ledger)
    [finding] = answer["findings"]
    [problem] = finding["problems"]
    assert status == 1
    assert problem["message"].startswith("entry 2026-11-alice/05-1 of 2026-11-05 was charged as")


def test_terms_are_judged_by_the_day_of_the_commit(
    ledger: WrittenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.replace(TERMS_FILE, "effective: 2026-01-01", "effective: 2020-01-01")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2019-12-31T12:00:00Z")
    before = ledger.commit("Terms of a year to come")
    ledger.replace(TERMS_FILE, "USD: 1000.00", "USD: 900.00")
    ledger.commit("Before they are in force")
    ledger.replace(TERMS_FILE, "USD: 900.00", "USD: 800.00")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-01T12:00:00Z")
    after = ledger.commit("On the day")
    _status, answer = audit(ledger, "--from", before)
    assert [item["commit"] for item in answer["findings"]] == [after]


@pytest.mark.parametrize("command", ["audit", "show acme P1 --as-of 2026-11-20"])
def test_a_shallow_clone_does_not_know_where_records_come_from(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path, command: str
) -> None:
    ledger.log("09-1")
    ledger.commit()
    ledger.git("clone", "--quiet", "--depth=1", f"file://{ledger.root}", str(tmp_path / "copy"))
    ran = punchcard(tmp_path / "copy", *command.split())
    assert (ran.status, "fetch-depth: 0" in ran.stderr) == (2, True)


def test_a_bare_repository_can_be_audited(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.alter()
    ledger.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    assert punchcard(tmp_path / "bare", "audit").status == 1


def test_a_revert_is_paired_with_what_it_reverts(ledger: WrittenLedger) -> None:
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.replace(TIME_FILE, "  minutes: 60\n", "  minutes: 75\n")
    altered = ledger.commit("A slip", BEN)
    ledger.log("09-1")
    ledger.commit()
    assert audit(ledger)[0] == 1
    ledger.git("revert", "--no-edit", altered)
    revert = ledger.git("rev-parse", "HEAD")
    ledger.find(REQUEST_FILE).unlink()
    removed = ledger.commit("Tidy up")
    ledger.git("revert", "--no-edit", "HEAD")
    status, answer = audit(ledger)
    found = [(item["commit"], item["reverts"], item["reverted_by"]) for item in answer["findings"]]
    last = (removed, None, ledger.git("rev-parse", "HEAD"))
    assert (status, found) == (0, [(altered, None, revert), (revert, altered, None), last])
    said = ledger.run.done("audit")
    assert f"  put back by {revert[:10]}" in said
    assert f"  puts back {altered[:10]}" in said
    sums = "6 commits: 0 altered recorded facts, 0 only texts, 3 put back or were put back\n"
    assert said.endswith(sums)


def test_what_puts_back_only_a_part_or_alters_more_is_no_revert(ledger: WrittenLedger) -> None:
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.replace(TIME_FILE, "  minutes: 60\n", "  minutes: 75\n")
    ledger.commit()
    ledger.replace(TIME_FILE, "minutes: 30", "minutes: 45")
    ledger.commit("A part")
    ledger.replace(TIME_FILE, "  minutes: 75\n", "  minutes: 60\n")
    ledger.replace(REQUEST_FILE, "opened: 2026-11-01", "opened: 2026-11-02")
    ledger.commit("The rest, and more")
    status, answer = audit(ledger)
    assert status == 1
    assert [item["reverts"] for item in answer["findings"]] == [None, None, None]
