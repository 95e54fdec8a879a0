"""What came in since a publication."""

import csv
from datetime import date
from typing import Any

from ledger.history.publications import Publication, digest_figures, make_publication
from ledger.ledger import open_ledger
from tests.ledger.git import written_ledger as files
from tests.ledger.git.written_ledger import REQUEST_FILE, TIME_FILE, WrittenLedger


def publish(ledger: WrittenLedger, as_of: str) -> Publication:
    day, versions = date.fromisoformat(as_of), {"service-punchcards": "0.1.0"}
    with open_ledger(start=ledger.root, revision="HEAD") as opened:
        repository, digest = opened.require_repository("x"), digest_figures(opened, day)
        return make_publication(repository, str(opened.revision), day, digest, versions)


def list_changes(ledger: WrittenLedger, *options: str) -> dict[str, list[dict[str, Any]]]:
    answer = ledger.run.json("changes", *options)
    return {item["customer"]: item["changes"] for item in answer["customers"]}


def test_everything_that_came_in_is_listed_by_date_and_what_is_late_is_marked(
    ledger: WrittenLedger,
) -> None:
    publish(ledger, "2026-11-16")
    ledger.log("06-1")
    ledger.log("17-1", 30)
    ledger.append(
        TIME_FILE,
        "- {id: 18-1, date: 2026-11-18, request: ACME-1, minutes: -15, corrects: 17-1, note: x}\n",
    )
    ledger.append(
        files.PURCHASES_FILE, "- {id: P2, date: 2026-11-17, punchcards: 1, amount: 1000}\n"
    )
    ledger.append(
        files.ADJUSTMENTS_FILE,
        "- {id: A2, type: refund, date: 2026-11-19, purchase: P2, minutes: 60, amount: 200.00, "
        "reason: Too much}\n",
    )
    ledger.append(
        REQUEST_FILE, "  - {date: 2026-11-18, by: alice, status: resolved, note: Done.}\n"
    )
    ledger.append(REQUEST_FILE, "  - {date: 2026-11-19, by: alice, moved_to: support}\n")
    ledger.write(
        "customers/acme/requests/ACME-2.yml",
        """\
        title: Reports
        category: onboarding
        opened: 2026-11-10
        opened_by: alice
        channel: punchcard
        """,
    )
    ledger.commit()
    found = [
        (item["date"], item["kind"], item["reference"], item["minutes"], item["late"])
        for item in list_changes(ledger)["acme"]
    ]
    assert found == [
        ("2026-11-06", "time", "2026-11-alice/06-1", 15, True),
        ("2026-11-10", "request", "ACME-2", None, True),
        ("2026-11-17", "purchase", "P2", None, False),
        ("2026-11-17", "time", "2026-11-alice/17-1", 30, False),
        ("2026-11-18", "event", "ACME-1", None, False),
        ("2026-11-18", "correction", "2026-11-alice/18-1", -15, False),
        ("2026-11-19", "refund", "A2", 60, False),
        ("2026-11-19", "event", "ACME-1", None, False),
    ]


def test_the_last_publication_is_the_default_and_any_can_be_named(ledger: WrittenLedger) -> None:
    publish(ledger, "2026-11-09")
    ledger.log("10-1")
    ledger.commit()
    publish(ledger, "2026-11-16")
    ledger.log("17-1")
    ledger.commit()
    assert len(list_changes(ledger)["acme"]) == 1
    for name in ("published/2026-11-09", "2026-11-09", "refs/tags/published/2026-11-09"):
        assert len(list_changes(ledger, "--since", name)["acme"]) == 2
    assert len(list_changes(ledger, "--since", "main~1")["acme"]) == 1
    assert list_changes(ledger, "--since", "HEAD") == {}


def test_a_new_customer_is_all_new_and_the_future_is_left_out(ledger: WrittenLedger) -> None:
    publish(ledger, "2026-11-16")
    ledger.write("customers/globex/customer.yml", "name: Globex\nkey: GLX\ncurrency: USD\n")
    ledger.write(
        "customers/globex/purchases.yml",
        """\
        - {id: P1, date: 2026-11-18, punchcards: 1, amount: 1000}
        - {id: P2, date: 2026-11-21, punchcards: 1, amount: 1000}
        """,
    )
    changes = list_changes(ledger)
    assert list(changes) == ["globex"]
    assert [item["reference"] for item in changes["globex"]] == ["P1"]


def test_what_was_reworded_did_not_come_in(ledger: WrittenLedger) -> None:
    publish(ledger, "2026-11-16")
    ledger.replace(TIME_FILE, "Metadata exchanged", "Metadata sent")
    ledger.replace(REQUEST_FILE, "Kick-off booked.", "Kick-off was booked.")
    ledger.append(TIME_FILE, "# a comment\n")
    ledger.commit()
    assert list_changes(ledger) == {}


def test_no_internal_note_is_among_the_news(ledger: WrittenLedger) -> None:
    ledger.append(
        TIME_FILE,
        "- {id: 17-1, date: 2026-11-17, request: ACME-1, minutes: 15, note: Seen, "
        "internal_note: SECRET}\n",
    )
    for format_ in ("table", "json", "csv"):
        said = ledger.run.done("changes", "--since", "HEAD", "--format", format_)
        assert ("Seen" in said, "SECRET" in said) == (True, False)


def test_csv_has_a_row_a_change_and_the_table_says_since_when(ledger: WrittenLedger) -> None:
    publish(ledger, "2026-11-16")
    ledger.log("06-1")
    [row] = csv.DictReader(ledger.run.done("changes", "--format", "csv").splitlines())
    said = (row["customer"], row["reference"], row["late"])
    assert said == ("acme", "2026-11-alice/06-1", "true")
    table = ledger.run.done("changes")
    assert table.endswith("1 change since published/2026-11-16, as of 2026-11-16\n")


def test_before_the_first_publication_a_revision_must_be_named(ledger: WrittenLedger) -> None:
    assert "nothing was published yet" in ledger.run.refuse("changes")


def test_estimates_and_approvals_are_told(ledger: WrittenLedger) -> None:
    ledger.append(REQUEST_FILE, "  - {date: 2026-11-18, by: alice, estimate_minutes: 180}\n")
    approval = "by: dana@acme.example, approved_minutes: 90, note: Half of it"
    ledger.append(REQUEST_FILE, f"  - {{date: 2026-11-19, {approval}}}\n")
    said = ledger.run.done("changes", "--since", ledger.first)
    assert "estimated at 3h" in said
    assert "approved 1h 30m: Half of it" in said
