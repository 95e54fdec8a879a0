"""What came in since a publication."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

from ledger.history.publications import Publication, digest_figures, make_publication
from ledger.ledger import open_ledger
from tests.conftest import RunPunchcard
from tests.ledger.git.written_ledger import (
    ADJUSTMENTS_FILE,
    AS_OF,
    PURCHASES_FILE,
    REQUEST_FILE,
    TIME_FILE,
    WrittenLedger,
)


def publish(ledger: WrittenLedger, as_of: str) -> Publication:
    day = date.fromisoformat(as_of)
    with open_ledger(start=ledger.root, revision="HEAD") as opened:
        assert opened.repository is not None
        assert opened.revision is not None
        return make_publication(
            opened.repository,
            opened.revision,
            day,
            digest_figures(opened, day),
            {"service-punchcards": "0.1.0"},
        )


def list_changes(
    punchcard: RunPunchcard, ledger: WrittenLedger, *options: str
) -> dict[str, list[dict[str, Any]]]:
    ran = punchcard(ledger.root, "changes", "--as-of", AS_OF, "--format", "json", *options)
    assert ran.status == 0, ran.stderr
    return {item["customer"]: item["changes"] for item in json.loads(ran.stdout)["customers"]}


def test_everything_that_came_in_is_listed_by_date_and_what_is_late_is_marked(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    publish(ledger, "2026-11-16")
    ledger.log("06-1")
    ledger.log("17-1", 30)
    ledger.append(
        TIME_FILE,
        "- {id: 18-1, date: 2026-11-18, request: ACME-1, minutes: -15, corrects: 17-1, note: x}\n",
    )
    ledger.append(PURCHASES_FILE, "- {id: P2, date: 2026-11-17, punchcards: 1, amount: 1000}\n")
    ledger.append(
        ADJUSTMENTS_FILE,
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
        for item in list_changes(punchcard, ledger)["acme"]
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


def test_the_last_publication_is_the_default_and_any_can_be_named(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    publish(ledger, "2026-11-09")
    ledger.log("10-1")
    ledger.commit()
    publish(ledger, "2026-11-16")
    ledger.log("17-1")
    ledger.commit()
    assert len(list_changes(punchcard, ledger)["acme"]) == 1
    for name in ("published/2026-11-09", "2026-11-09", "refs/tags/published/2026-11-09"):
        assert len(list_changes(punchcard, ledger, "--since", name)["acme"]) == 2
    assert len(list_changes(punchcard, ledger, "--since", "main~1")["acme"]) == 1
    assert list_changes(punchcard, ledger, "--since", "HEAD") == {}


def test_a_new_customer_is_all_new_and_the_future_is_left_out(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    publish(ledger, "2026-11-16")
    ledger.write("customers/globex/customer.yml", "name: Globex\nkey: GLX\ncurrency: USD\n")
    ledger.write(
        "customers/globex/purchases.yml",
        """\
        - {id: P1, date: 2026-11-18, punchcards: 1, amount: 1000}
        - {id: P2, date: 2026-11-21, punchcards: 1, amount: 1000}
        """,
    )
    changes = list_changes(punchcard, ledger)
    assert list(changes) == ["globex"]
    assert [item["reference"] for item in changes["globex"]] == ["P1"]


def test_what_was_reworded_did_not_come_in(punchcard: RunPunchcard, ledger: WrittenLedger) -> None:
    publish(ledger, "2026-11-16")
    ledger.replace(TIME_FILE, "Metadata exchanged", "Metadata sent")
    ledger.replace(REQUEST_FILE, "Kick-off booked.", "Kick-off was booked.")
    ledger.append(TIME_FILE, "# a comment\n")
    ledger.commit()
    assert list_changes(punchcard, ledger) == {}


def test_no_internal_note_is_among_the_news(punchcard: RunPunchcard, ledger: WrittenLedger) -> None:
    ledger.append(
        TIME_FILE,
        "- {id: 17-1, date: 2026-11-17, request: ACME-1, minutes: 15, note: Seen, "
        "internal_note: SECRET}\n",
    )
    for format_ in ("table", "json", "csv"):
        ran = punchcard(
            ledger.root, "changes", "--since", "HEAD", "--as-of", AS_OF, "--format", format_
        )
        assert "Seen" in ran.stdout
        assert "SECRET" not in ran.stdout


def test_csv_has_a_row_a_change_and_the_table_says_since_when(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    publish(ledger, "2026-11-16")
    ledger.log("06-1")
    ran = punchcard(ledger.root, "changes", "--as-of", AS_OF, "--format", "csv")
    [row] = csv.DictReader(io.StringIO(ran.stdout))
    assert (row["customer"], row["reference"], row["late"]) == (
        "acme",
        "2026-11-alice/06-1",
        "true",
    )
    ran = punchcard(ledger.root, "changes", "--as-of", AS_OF)
    assert ran.stdout.endswith("1 change since published/2026-11-16, as of 2026-11-16\n")


def test_before_the_first_publication_a_revision_must_be_named(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ran = punchcard(ledger.root, "changes", "--as-of", AS_OF)
    assert (ran.status, "nothing was published yet" in ran.stderr) == (2, True)


def test_estimates_and_approvals_are_told(punchcard: RunPunchcard, ledger: WrittenLedger) -> None:
    ledger.append(REQUEST_FILE, "  - {date: 2026-11-18, by: alice, estimate_minutes: 180}\n")
    approval = "by: dana@acme.example, approved_minutes: 90, note: Half of it"
    ledger.append(REQUEST_FILE, f"  - {{date: 2026-11-19, {approval}}}\n")
    ran = punchcard(ledger.root, "changes", "--since", ledger.first, "--as-of", AS_OF)
    assert "estimated at 3h" in ran.stdout
    assert "approved 1h 30m: Half of it" in ran.stdout
