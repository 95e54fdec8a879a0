"""``punchcard import``: every tracker, each row once and at its time, or refused with its line."""

import re
import shlex
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, commit_all, git
from tests.ledger.cli.test_log_questions import Terminal
from tests.ledger.exchange.import_ledger import (
    AS_OF,
    EXPORTS,
    HEADER,
    MAP,
    ONE,
    THREE,
    TWO,
    ImportLedger,
    make_row,
    write_guide,
)

BY_TAG = """\
requests:
  - {tags: "*saml", request: ACME-1}
  - {tags: "*training", request: HSI-1}
leave_out:
  - {tags: "*internal"}
"""
BY_COLUMN = f"""{MAP}
columns: {{date: Datum, person: Wer, client: Kunde, project: Thema, duration: Stunden,
  note: Tätigkeit}}
"""
BY_PROJECT = MAP.replace("client: acme robotics, ", "").replace(
    "client: Hoshi Space", "project: Training"
)
SAML = 'Exchanged "SAML" metadata, by phone'
NO_ROWS = dict.fromkeys(("new", "known", "held", "left_out", "unmapped"), 0)
MOST_SECONDS = 15


@pytest.mark.parametrize(
    ("export", "import_map", "training"),
    [
        ("toggl.csv", MAP, "Prepared the training"),
        ("clockify.csv", MAP, "Prepared the training"),
        ("clockify-activity.csv", BY_PROJECT, "Prepared the training"),
        ("harvest.csv", MAP, "Prepared the training"),
        ("kimai.csv", MAP.replace("project: Internal", 'billable: "no"'), "Prepared the training"),
        ("timewarrior.json", BY_TAG, "Prepared the training"),
        ("klog.json", BY_TAG, "Prepared the training #training"),
        ("hours.csv", BY_COLUMN, "Prepared the training"),
    ],
)
def test_each_tracker_gives_the_same_entries_once(
    ledger: ImportLedger, export: str, import_map: str, training: str
) -> None:
    (ledger.root / "map.yml").write_text(import_map)
    tracker = re.split("[-.]", export)[0].replace("hours", "csv")
    more = ("--dates", "month-first") if export == "clockify.csv" else ()
    rows = {**NO_ROWS, "new": 2, "left_out": 1}
    dry = ledger.take(EXPORTS / export, "--dry-run", *more, tracker=tracker)
    assert ledger.list_entries() == []
    answer = ledger.take(EXPORTS / export, "--commit", *more, tracker=tracker)
    assert dry["rows"] == answer["rows"] == rows
    assert dry["customers"] == answer["customers"]
    assert ledger.list_entries("id", "date", "request", "minutes", "category", "note") == [
        ("02-1-xyz", "2026-11-02", "ACME-1", "60", "", SAML),
        ("03-1-xyz", "2026-11-03", "HSI-1", "60", "", training),
    ]
    [balance] = [each for each in answer["customers"] if each["customer"] == "acme"]
    assert balance["before_minutes"] - balance["after_minutes"] == balance["minutes"] == 60
    again = ledger.take(EXPORTS / export, "--commit", *more, tracker=tracker)
    assert again["rows"] == {**rows, "new": 0, "known": 2}
    assert (again["commit"], again["changed"]) == (None, [])
    assert ledger.run("check").status == 0


def test_what_is_imported_is_one_commit_and_its_source_is_for_nobody_else(
    ledger: ImportLedger, tmp_path: Path
) -> None:
    ran = ledger.run_import(EXPORTS / "toggl.csv", "--commit")
    assert ran.stdout.startswith("import 2 entries of toggl from toggl.csv\n")
    assert re.search(r"  acme +1 +1h +4500h +4499h\n  hoshi +1 +1h", ran.stdout)
    assert "  rows: 2 new, 1 left out by the map\n  written to 2 files, commit " in ran.stdout
    assert git(ledger.root, "rev-list", "--count", "HEAD") == "2"
    assert git(ledger.root, "status", "--porcelain") == ""
    [(source,), _other] = ledger.list_entries("source")
    assert re.fullmatch("toggl:[0-9a-f]{12}", source)
    ran = ledger.run("portal", "build", "acme", "--output", tmp_path / "site")
    assert ran.status == 0, ran.stderr
    said = b"".join(file.read_bytes() for file in (tmp_path / "site").rglob("*") if file.is_file())
    assert b"metadata, by phone" in said
    assert source.encode() not in said


def test_an_amended_entry_stays_and_an_overlapping_export_adds_only_what_is_new(
    ledger: ImportLedger,
) -> None:
    ledger.take(HEADER + ONE + TWO, "--commit")
    [file] = ledger.root.glob("customers/acme/time/*.yml")
    file.write_text(file.read_text().replace("minutes: 60", "minutes: 45").replace("Set", "We set"))
    commit_all(ledger.root)
    answer = ledger.take(HEADER + TWO + ONE + THREE, "--commit")
    assert answer["rows"] == {**NO_ROWS, "new": 1, "known": 2}
    assert answer["changed"] == []
    assert ledger.list_entries("date", "minutes", "note") == [
        ("2026-11-02", "45", "We set it up."),
        ("2026-11-02", "15", "Tried it."),
        ("2026-11-03", "60", "Showed it."),
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            ONE.replace("0:50:00", "1:20:00").replace("09:50", "10:20") + TWO,
            "says 1h 45m of alice now, 1h 15m are",
        ),
        (ONE.replace("Set it up", "Set all up") + TWO, "says 1h 15m of alice now, 1h 15m are"),
        (TWO + THREE, "says 15m of alice now, 1h 15m are"),
        (ONE.replace("2026-11-02", "2026-11-01") + TWO, "says 15m of alice now, 1h 15m are"),
    ],
    ids=["longer", "another-note", "gone", "on-another-day"],
)
def test_a_changed_or_removed_row_is_told_and_nothing_is_rewritten(
    ledger: ImportLedger, rows: str, said: str
) -> None:
    ledger.take(HEADER + ONE + TWO, "--commit")
    before = ledger.list_entries("date", "minutes", "note")
    changed = (
        "2026-11-02 ACME-1: toggl {} recorded (2026-11-alice/02-1-xyz, 2026-11-alice/02-2-xyz)"
    )
    for _time in range(2):
        answer = ledger.take(HEADER + rows, "--commit")
        assert answer["changed"] == [changed.format(said)]
        assert answer["rows"]["held"] == ("Set all" in rows or "1:20" in rows)
    assert ledger.list_entries("date", "minutes", "note")[: len(before)][-2:] == before[-2:]


def test_a_row_over_midnight_is_compared_as_a_whole(ledger: ImportLedger) -> None:
    night = make_row("2026-11-02 23:40", "2026-11-03 00:25", "0:45", "Night.")
    ledger.take(HEADER + night + THREE)
    assert ledger.list_entries("minutes") == [("30",), ("15",), ("60",)]
    [changed] = ledger.take(HEADER + night)["changed"]
    assert "toggl says 15m of alice now, 1h 15m are" in changed
    assert ledger.run("undo", "2026-11-alice/03-2", "--as", "alice").status == 0
    assert ledger.take(HEADER + night)["changed"] == []


def test_a_changed_row_is_settled_by_what_is_recorded_of_it(ledger: ImportLedger) -> None:
    ledger.take(HEADER + ONE + THREE, "--commit")
    shorter = ONE.replace("0:50:00", "0:15:00").replace("09:50", "09:15")
    assert len(ledger.take(HEADER + shorter + THREE)["changed"]) == 1
    correct = ("correct", "acme", "2026-11-alice/02-1", "45m", "-m", "Too long.", "--as", "alice")
    assert ledger.run(*correct).status == 0
    assert ledger.take(HEADER + shorter + THREE)["changed"] == []


def test_an_entry_that_is_amended_to_another_month_stays_imported(ledger: ImportLedger) -> None:
    ledger.take(HEADER + ONE)
    amend = ("amend", "2026-11-alice/02-1", "--date", "2026-10-30", "--as", "alice")
    assert ledger.run(*amend).status == 0
    assert ledger.take(HEADER + ONE)["rows"]["known"] == 1
    assert ledger.list_entries("date") == [("2026-10-30",)]


def test_a_row_with_an_id_of_its_own_is_known_by_it(ledger: ImportLedger) -> None:
    header, *rows = (EXPORTS / "kimai.csv").read_text().splitlines()
    numbered = [f"{header},ID", *(f"{row},{number}" for number, row in enumerate(rows, start=41))]
    ledger.take("\n".join([*numbered, ""]), tracker="kimai")
    sources = [source for (source,) in ledger.list_entries("source")]
    assert [source.partition("@")[0] for source in sources] == ["kimai:41", "kimai:42"]
    moved = "\n".join([*numbered, ""]).replace("2026-11-02,09:00,09:50", "2026-11-05,09:00,09:50")
    answer = ledger.take(moved, tracker="kimai")
    assert answer["rows"]["new"] == 0
    assert "2026-11-02 ACME-1: kimai says 0m of alice now, 1h are" in answer["changed"][0]


def test_rows_that_are_not_mapped_are_listed_with_their_line(ledger: ImportLedger) -> None:
    strange = (
        make_row("2026-11-04 09:00", "2026-11-04 10:00", "1:00:00", project="Ödland")
        + ONE.replace("Alice Moreau,alice@example.com", "Bob,bob@tracker.example")
        + make_row("2026-11-04 09:00", "", "", "Runs.")
        + make_row("2026-12-24 09:00", "2026-12-24 10:00", "1:00:00")
        + make_row("2026-01-05 09:00", "2026-01-05 10:00", "1:00:00")
        + make_row("2026-11-04 09:00", "2026-11-04 10:00", "1:00:00", note="")
        + make_row("2026-11-31 09:00", "2026-11-31 10:00", "1:00:00")
        + make_row("2026-11-04 09:00", "2026-11-04 10:00", "2:00:00")
    )
    ran = ledger.run_import(HEADER + ONE + strange)
    assert ran.status == 1
    assert ledger.list_entries() == []
    for line, said in {
        3: "nothing in the map says which request it is: client 'Acme Robotics', ",
        4: "no consultant is called 'bob@tracker.example'",
        5: "it has no end and no duration: does it still run?",
        6: "2026-12-24 is still to come",
        7: "2026-01-05 is before ACME-1 was opened on 2026-01-13",
        8: "nothing says what was done",
        9: "'2026-11-31 09:00' is no day of the calendar",
        10: "it lasts 2:00:00, but its times are 1.00 h apart",
    }.items():
        assert f"export.csv:{line}:1: error[import]: {said}" in ran.stderr
    assert "8 of 9 rows cannot be imported, so nothing was written" in ran.stderr
    partial = ledger.run_import(HEADER + ONE + strange, "--partial")
    assert partial.status == 0
    assert "  rows: 1 new, 8 not mapped\n" in partial.stdout
    assert "export.csv:3:1: error[import]: " in partial.stderr
    assert ledger.list_entries("date") == [("2026-11-02",)]


def test_a_csv_that_was_cut_is_refused_with_its_line(ledger: ImportLedger) -> None:
    whole = HEADER + ONE + THREE
    for length in range(len(HEADER) + 1, len(whole) - 1, 7):
        text = whole[:length]
        if not text.endswith("\n"):
            ran = ledger.run_import(text, "--partial")
            assert (ran.status, ledger.list_entries()) == (1, []), text
            line = text.count("\n") + 1
            assert f"export.csv:{line}:1: error[import]: " in ran.stderr


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (f'{HEADER}{ONE}Alice,a,"Acme\n', 3, "this is no CSV: unexpected end of data"),
        (HEADER + ONE.replace("Set it up.", '"Two\nlines"') + "Alice\n", 4, "1 columns, but"),
        ("Was,Wann\n", 1, "no column says the day; there are was, wann"),
        ("", 1, "no column says the day; there are none"),
    ],
    ids=["quotation", "after-two-lines", "header", "empty"],
)
def test_what_is_no_such_csv_is_refused(
    ledger: ImportLedger, text: str, line: int, said: str
) -> None:
    ran = ledger.run_import(text)
    assert ran.status == 1
    assert f"export.csv:{line}:1: error[import]: {said}" in ran.stderr


@pytest.mark.parametrize("tracker", ["timewarrior", "klog"])
@pytest.mark.parametrize(
    "text", ["", "[1]", '{"records": [', '{"records": null, "errors": [{"title": "Bad"}]}']
)
def test_what_is_no_such_json_is_refused(ledger: ImportLedger, tracker: str, text: str) -> None:
    ran = ledger.run_import(text, tracker=tracker)
    assert (ran.status, ledger.list_entries()) == (1, [])
    assert "export.csv:1:" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_map_that_is_wrong_is_refused_with_the_place(ledger: ImportLedger) -> None:
    (ledger.root / "map.yml").write_text("requests:\n  - {clint: Acme, request: ACME-1}\n")
    ran = ledger.run_import(EXPORTS / "toggl.csv")
    assert ran.status == 1
    assert "map.yml:2:6: error[schema]: unknown key 'clint'" in ran.stderr
    assert "did you mean client?" in ran.stderr
    (ledger.root / "map.yml").unlink()
    assert "there is no map map.yml (write one, or let" in ledger.run_import(ONE).stderr
    (ledger.root / "map.yml").write_text(MAP.replace("ACME-1", "ACME-9"))
    ran = ledger.run_import(EXPORTS / "toggl.csv")
    assert "toggl.csv:2:1: error[import]: " in ran.stderr
    assert "ACME-9" in ran.stderr


def test_import_learns_what_the_map_lacks(ledger: ImportLedger) -> None:
    (ledger.root / "map.yml").unlink()
    export = (EXPORTS / "toggl.csv").read_text("utf-8-sig")
    export = export.replace("alice@example.com", "").replace("Alice Moreau", "Ally")
    (ledger.root / "export.csv").write_text(export)
    arguments = ("import", "export.csv", "--from", "toggl", "--map", "maps/new.yml", "--learn")
    refused = ledger.run(*arguments)
    assert (refused.status, (ledger.root / "maps").exists()) == (2, False)
    terminal = Terminal(ledger.root, *arguments, "--as-of", AS_OF)
    assert "person Ally  (3 rows, 2h 20m)" in terminal.wait_for("Consultant (Enter skips): ")
    terminal.answer("alicia\n")
    assert "did you mean alice?" in terminal.wait_for("Consultant (Enter skips): ")
    terminal.answer("alice\n")
    for answer in ("acme-1", "hsi-1", "-"):
        terminal.wait_for("Request (- leaves these out, Enter skips): ")
        terminal.answer(f"{answer}\n")
    assert "4 of 4 put into maps/new.yml" in terminal.wait_for("then --dry-run")
    assert terminal.finish() == 0
    learned = (ledger.root / "maps/new.yml").read_text()
    assert "  - person: Ally\n    consultant: alice\n" in learned
    (ledger.root / "map.yml").write_text(f"# Kept.\n{learned}")
    assert ledger.take(export)["rows"] == {**NO_ROWS, "new": 2, "left_out": 1}


def test_ten_thousand_rows_are_one_commit_in_seconds(ledger: ImportLedger) -> None:
    rows = []
    for number in range(10_000):
        start = datetime(2026, 1, 14, 7) + timedelta(days=number // 33, minutes=number % 33 * 25)  # noqa: DTZ001
        times = (f"{start:%Y-%m-%d %H:%M}", f"{start + timedelta(minutes=10):%Y-%m-%d %H:%M}")
        row = make_row(*times, "0:10", f"Work {number}.")
        rows.append(row if number % 2 else row.replace("Acme Robotics", "Hoshi Space"))
    begun = time.process_time()
    answer = ledger.take(HEADER + "".join(rows), "--commit")
    assert time.process_time() - begun < MOST_SECONDS
    assert answer["rows"]["new"] == len(ledger.list_entries("id")) == 10_000
    assert git(ledger.root, "rev-list", "--count", "HEAD") == "2"
    assert ledger.take(HEADER + "".join(rows))["rows"]["known"] == 10_000


def test_the_guide_works_from_top_to_bottom(
    sample_repository: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.cli.options.find_today", lambda _ledger: date(2026, 11, 20))
    said = []
    for command in write_guide(sample_repository):
        ran = punchcard(sample_repository, *shlex.split(command, comments=True)[1:])
        assert (ran.status, ran.stderr) == (0, "")
        said.append(ran.stdout)
    assert re.search("acme +3 +1h 45m +5h 30m +3h 45m", said[0])
    assert "split at midnight into 20m of 2026-11-16 and 25m of 2026-11-17" in said[0]
    assert "written to 2 files, commit" in said[1]
    assert said[2] == "nothing to write\n  rows: 3 imported before, 1 left out by the map\n"
    assert punchcard(sample_repository, "check").status == 0
