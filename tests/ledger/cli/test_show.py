"""One record: who committed it, what it drew on, what became of it."""

import csv
import re
from typing import Any

import pytest

from tests.conftest import Commands
from tests.ledger.git.written_ledger import TIME_FILE, WrittenLedger

BEN = "Ben Okafor <ben@example.com>"


def show(ledger: WrittenLedger, reference: str, *options: str) -> Any:
    return ledger.run.json("show", "acme", reference, *options)


def test_an_entry_is_followed_through_moves_and_new_layout(ledger: WrittenLedger) -> None:
    ledger.log("09-1", 30)
    brought = ledger.commit("Log", BEN)
    text = ledger.find(TIME_FILE).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    ledger.find(TIME_FILE).write_text("# sorted\n" + "".join([lines[-1], *lines[:-1]]), "utf-8")
    ledger.commit("Sort the file")
    answer = show(ledger, "2026-11-alice/09-1")
    assert answer["brought"]["commit"] == brought
    assert answer["brought"]["email"] == "ben@example.com"
    assert (answer["changed"], answer["uncommitted"]) == (None, False)
    assert (answer["file"], answer["line"]) == (TIME_FILE, 2)
    assert answer["draws"] == [{"lot": "P1/1", "minutes": 30}]
    assert answer["record"]["minutes"] == 30


def test_a_note_keeps_its_lines_and_its_emoji(ledger: WrittenLedger) -> None:
    ledger.replace(TIME_FILE, "note: Metadata exchanged.", r'note: "One.\n\n- two 👩\u200d💻\n"')
    said = ledger.run.done("show", "acme", "2026-11-alice/03-1")
    assert f"  note          One.\n\n{'':16}- two 👩\u200d💻\n" in said


def test_the_last_change_and_what_is_not_committed_are_told_apart(ledger: WrittenLedger) -> None:
    ledger.replace(TIME_FILE, "Metadata exchanged", "Metadata sent")
    changed = ledger.commit("Reword", BEN)
    answer = show(ledger, "2026-11-alice/03-1")
    assert answer["brought"]["commit"] == ledger.first
    assert (answer["changed"]["commit"], answer["uncommitted"]) == (changed, False)
    ledger.replace(TIME_FILE, "Metadata sent", "Metadata sent again")
    assert show(ledger, "2026-11-alice/03-1")["uncommitted"] is True
    ledger.log("09-1")
    answer = show(ledger, "2026-11-alice/09-1")
    assert (answer["brought"], answer["uncommitted"]) == (None, True)
    said = ledger.run.done("show", "acme", "2026-11-alice/09-1")
    assert "brought by    no commit yet" in said


def test_a_record_from_a_merged_branch_is_its_authors_not_the_mergers(
    ledger: WrittenLedger,
) -> None:
    ledger.git("checkout", "--quiet", "-b", "side")
    ledger.append(TIME_FILE, "# end\n")
    ledger.log("09-1")
    brought = ledger.commit("On the side", BEN)
    ledger.git("checkout", "--quiet", "main")
    ledger.replace(TIME_FILE, "# the long one", "# the long one, on main")
    ledger.commit("On main")
    ledger.git("merge", "--quiet", "--no-edit", "side")
    answer = show(ledger, "2026-11-alice/09-1")
    assert (answer["brought"]["commit"], answer["changed"]) == (brought, None)


def test_corrections_are_listed_with_their_entry(ledger: WrittenLedger) -> None:
    ledger.append(
        TIME_FILE,
        "- {id: 06-1, date: 2026-11-06, request: ACME-1, minutes: -15, corrects: 05-1, note: x}\n",
    )
    answer = show(ledger, "2026-11-alice/05-1")
    assert [item["reference"] for item in answer["corrections"]] == ["2026-11-alice/06-1"]
    answer = show(ledger, "2026-11-alice/06-1")
    assert answer["draws"] == [{"lot": "P1/1", "minutes": -15}]


def test_a_purchase_has_cards_and_a_card_has_what_drew_on_it(ledger: WrittenLedger) -> None:
    purchase = show(ledger, "P1")
    assert [lot["id"] for lot in purchase["lots"]] == ["P1/1", "P1/2"]
    assert purchase["record"]["amount"] == "2000.00"
    card = show(ledger, "P1/1")
    assert [lot["id"] for lot in card["lots"]] == ["P1/1"]
    assert [(use["reference"], use["minutes"]) for use in card["uses"]] == [
        ("2026-11-alice/03-1", 45),
        ("2026-11-alice/05-1", 60),
    ]
    assert show(ledger, "P1/2")["uses"] == []
    assert [lot["id"] for lot in show(ledger, "A1")["lots"]] == ["A1"]


def test_a_request_has_its_events_and_its_time(ledger: WrittenLedger) -> None:
    answer = show(ledger, "ACME-1")
    assert [event["date"] for event in answer["record"]["history"]] == ["2026-11-02", "2026-11-10"]
    assert sum(entry["worked_minutes"] for entry in answer["entries"]) == 105
    said = ledger.run.done("show", "acme", "ACME-1")
    assert "  time in all   1h 45m" in said
    assert f"brought by    {ledger.first[:10]}" in said


@pytest.mark.parametrize("reference", ["P1/3", "P1/0", "P1/x", "P9", "ACME-2", "2026-11-alice/3-1"])
def test_an_unknown_record_is_said(ledger: WrittenLedger, reference: str) -> None:
    assert f"acme has no record '{reference}'" in ledger.run.refuse("show", "acme", reference)


def test_at_an_earlier_revision_later_commits_are_not_known(ledger: WrittenLedger) -> None:
    ledger.replace(TIME_FILE, "Metadata exchanged", "Metadata sent")
    ledger.commit("Reword")
    answer = show(ledger, "2026-11-alice/03-1", "--rev", ledger.first)
    assert (answer["changed"], answer["revision"]) == (None, ledger.first)


def test_a_statement_names_the_commit_of_each_movement_when_asked(ledger: WrittenLedger) -> None:
    ledger.log("09-1", 30)
    second = ledger.commit()
    ledger.log("10-1", 30)
    arguments = ["statement", "acme", "--provenance"]
    answer = ledger.run.json(*arguments)
    commits = {item["reference"]: item["commit"] for item in answer["movements"]}
    first = ("P1", "A1", "2026-11-alice/03-1", "2026-11-alice/05-1")
    assert commits == {
        **dict.fromkeys(first, ledger.first), "2026-11-alice/09-1": second,
        "2026-11-alice/10-1": None,
    }  # fmt: skip
    assert second[:10] in ledger.run.done(*arguments)
    rows = list(csv.DictReader(ledger.run.done(*arguments, "--format", "csv").splitlines()))
    assert [row["commit"] for row in rows] == [commits[row["reference"]] or "" for row in rows]
    plain = ledger.run.json(*arguments[:-1])
    assert all("commit" not in item for item in plain["movements"])


def test_a_card_and_its_purchase_say_what_became_of_them_in_minutes_and_in_money(
    sample: Commands,
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
        command = ("show", slug, reference)
        labels = r"^  ((?:bought|given|used|refunded|expired|left) .*)$"
        lines = re.findall(labels, sample.done(*command), re.MULTILINE)
        said, usage = [" ".join(line.split()) for line in lines], sample.json(*command)["usage"]
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
