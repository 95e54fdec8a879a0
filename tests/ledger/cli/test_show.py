"""One record: who committed it, what it drew on, what became of it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_AS_OF, RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, TIME_FILE, WrittenLedger

BEN = "Ben Okafor <ben@example.com>"


def show(
    punchcard: RunPunchcard, ledger: WrittenLedger, reference: str, *options: str
) -> dict[str, Any]:
    ran = punchcard(
        ledger.root, "show", "acme", reference, "--as-of", AS_OF, "--format", "json", *options
    )
    assert ran.status == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def test_an_entry_is_followed_through_moves_and_new_layout(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("09-1", 30)
    brought = ledger.commit("Log", BEN)
    text = ledger.find(TIME_FILE).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    ledger.find(TIME_FILE).write_text("# sorted\n" + "".join([lines[-1], *lines[:-1]]), "utf-8")
    ledger.commit("Sort the file")
    answer = show(punchcard, ledger, "2026-11-alice/09-1")
    assert answer["brought"]["commit"] == brought
    assert answer["brought"]["email"] == "ben@example.com"
    assert (answer["changed"], answer["uncommitted"]) == (None, False)
    assert (answer["file"], answer["line"]) == (TIME_FILE, 2)
    assert answer["draws"] == [{"lot": "P1/1", "minutes": 30}]
    assert answer["record"]["minutes"] == 30


def test_a_note_keeps_its_lines_and_its_emoji(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace(TIME_FILE, "note: Metadata exchanged.", r'note: "One.\n\n- two 👩\u200d💻\n"')
    ran = punchcard(ledger.root, "show", "acme", "2026-11-alice/03-1", "--as-of", AS_OF)
    assert f"  note          One.\n\n{'':16}- two 👩\u200d💻\n" in ran.stdout


def test_the_last_change_and_what_is_not_committed_are_told_apart(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace(TIME_FILE, "Metadata exchanged", "Metadata sent")
    changed = ledger.commit("Reword", BEN)
    answer = show(punchcard, ledger, "2026-11-alice/03-1")
    assert answer["brought"]["commit"] == ledger.first
    assert (answer["changed"]["commit"], answer["uncommitted"]) == (changed, False)
    ledger.replace(TIME_FILE, "Metadata sent", "Metadata sent again")
    assert show(punchcard, ledger, "2026-11-alice/03-1")["uncommitted"] is True
    ledger.log("09-1")
    answer = show(punchcard, ledger, "2026-11-alice/09-1")
    assert (answer["brought"], answer["uncommitted"]) == (None, True)
    ran = punchcard(ledger.root, "show", "acme", "2026-11-alice/09-1", "--as-of", AS_OF)
    assert "brought by    no commit yet" in ran.stdout


def test_a_record_from_a_merged_branch_is_its_authors_not_the_mergers(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("checkout", "--quiet", "-b", "side")
    ledger.append(TIME_FILE, "# end\n")
    ledger.log("09-1")
    brought = ledger.commit("On the side", BEN)
    ledger.git("checkout", "--quiet", "main")
    text = ledger.find(TIME_FILE).read_text(encoding="utf-8")
    ledger.find(TIME_FILE).write_text(f"# begin\n{text}", encoding="utf-8")
    ledger.commit("On main")
    ledger.git("merge", "--quiet", "--no-edit", "side")
    answer = show(punchcard, ledger, "2026-11-alice/09-1")
    assert (answer["brought"]["commit"], answer["changed"]) == (brought, None)


def test_corrections_are_listed_with_their_entry(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.append(
        TIME_FILE,
        "- {id: 06-1, date: 2026-11-06, request: ACME-1, minutes: -15, corrects: 05-1, note: x}\n",
    )
    answer = show(punchcard, ledger, "2026-11-alice/05-1")
    assert [item["reference"] for item in answer["corrections"]] == ["2026-11-alice/06-1"]
    answer = show(punchcard, ledger, "2026-11-alice/06-1")
    assert answer["draws"] == [{"lot": "P1/1", "minutes": -15}]


def test_a_purchase_has_cards_and_a_card_has_what_drew_on_it(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    purchase = show(punchcard, ledger, "P1")
    assert [lot["id"] for lot in purchase["lots"]] == ["P1/1", "P1/2"]
    assert purchase["record"]["amount"] == "2000.00"
    card = show(punchcard, ledger, "P1/1")
    assert [lot["id"] for lot in card["lots"]] == ["P1/1"]
    assert [(use["reference"], use["minutes"]) for use in card["uses"]] == [
        ("2026-11-alice/03-1", 45),
        ("2026-11-alice/05-1", 60),
    ]
    assert show(punchcard, ledger, "P1/2")["uses"] == []
    assert [lot["id"] for lot in show(punchcard, ledger, "A1")["lots"]] == ["A1"]


def test_a_request_has_its_events_and_its_time(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    answer = show(punchcard, ledger, "ACME-1")
    assert [event["date"] for event in answer["record"]["history"]] == ["2026-11-02", "2026-11-10"]
    assert sum(entry["worked_minutes"] for entry in answer["entries"]) == 105
    ran = punchcard(ledger.root, "show", "acme", "ACME-1", "--as-of", AS_OF)
    assert "  time in all   1h 45m" in ran.stdout
    assert f"brought by    {ledger.first[:10]}" in ran.stdout


@pytest.mark.parametrize("reference", ["P1/3", "P1/0", "P1/x", "P9", "ACME-2", "2026-11-alice/3-1"])
def test_an_unknown_record_is_said(
    punchcard: RunPunchcard, ledger: WrittenLedger, reference: str
) -> None:
    ran = punchcard(ledger.root, "show", "acme", reference, "--as-of", AS_OF)
    assert ran.status == 2
    assert f"acme has no record '{reference}'" in ran.stderr


def test_at_an_earlier_revision_later_commits_are_not_known(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace(TIME_FILE, "Metadata exchanged", "Metadata sent")
    ledger.commit("Reword")
    answer = show(punchcard, ledger, "2026-11-alice/03-1", "--rev", ledger.first)
    assert (answer["changed"], answer["revision"]) == (None, ledger.first)


def test_a_shallow_clone_cannot_say_where_a_record_comes_from(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.log("09-1")
    ledger.commit()
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{ledger.root}", str(copy))
    ran = punchcard(copy, "show", "acme", "P1", "--as-of", AS_OF)
    assert (ran.status, "fetch-depth: 0" in ran.stderr) == (2, True)


def test_a_statement_names_the_commit_of_each_movement_when_asked(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("09-1", 30)
    second = ledger.commit()
    ledger.log("10-1", 30)
    arguments = ["statement", "acme", "--as-of", AS_OF, "--provenance"]
    answer = json.loads(punchcard(ledger.root, *arguments, "--format", "json").stdout)
    commits = {item["reference"]: item["commit"] for item in answer["movements"]}
    assert commits == {
        "P1": ledger.first,
        "A1": ledger.first,
        "2026-11-alice/03-1": ledger.first,
        "2026-11-alice/05-1": ledger.first,
        "2026-11-alice/09-1": second,
        "2026-11-alice/10-1": None,
    }
    table = punchcard(ledger.root, *arguments).stdout
    assert second[:10] in table
    rows = list(
        csv.DictReader(io.StringIO(punchcard(ledger.root, *arguments, "--format", "csv").stdout))
    )
    assert [row["commit"] for row in rows] == [commits[row["reference"]] or "" for row in rows]
    plain = json.loads(punchcard(ledger.root, *arguments[:-1], "--format", "json").stdout)
    assert all("commit" not in item for item in plain["movements"])


def test_a_card_and_its_purchase_say_what_became_of_them_in_minutes_and_in_money(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    """The first line is what was bought, the others add up to it; goodwill has no money."""
    shown = {}
    for slug, reference in (
        ("acme", "P2/4"),
        ("acme", "P2"),
        ("politechnika-nadmorska", "P1"),
        ("politechnika-nadmorska", "A2"),
        ("acme", "ACME-12"),
    ):
        command = ("show", slug, reference, "--as-of", SAMPLE_AS_OF)
        text = punchcard(sample_repository, *command).stdout
        labels = r"^  ((?:bought|given|used|refunded|expired|left) .*)$"
        said = [" ".join(line.split()) for line in re.findall(labels, text, re.MULTILINE)]
        usage = json.loads(punchcard(sample_repository, *command, "--format=json").stdout)["usage"]
        shown[reference] = ("; ".join(said), usage and [*usage.values()])
    assert shown == {
        "P2/4": (
            "bought 5h, 1000.00 USD; used 4h 30m, 900.00 USD; left 30m, 100.00 USD",
            [300, 270, 0, 0, 30, "1000.00", "900.00", "0.00", "0.00", "100.00"],
        ),
        "P2": (
            "bought 25h, 5000.00 USD; used 19h 30m, 3900.00 USD; left 5h 30m, 1100.00 USD",
            [1500, 1170, 0, 0, 330, "5000.00", "3900.00", "0.00", "0.00", "1100.00"],
        ),
        "P1": (
            "bought 20h, 2880.00 EUR; used 17h, 2448.00 EUR; "  # noqa: ISC004  # one text
            "refunded 3h, 432.00 EUR; left 0m, 0.00 EUR",
            [1200, 1020, 180, 0, 0, "2880.00", "2448.00", "432.00", "0.00", "0.00"],
        ),
        "A2": (
            "given 1h; used 30m; left 30m",
            [60, 30, 0, 0, 30, "0.00", "0.00", "0.00", "0.00", "0.00"],
        ),
        "ACME-12": ("", None),
    }
