"""What the rule ``changed-history`` calls altered or removed, and what is no change."""

import json

import pytest

from tests.ledger.git.written_ledger import (
    ADJUSTMENTS_FILE,
    AS_OF,
    PURCHASES_FILE,
    REQUEST_FILE,
    TERMS_FILE,
    TIME_FILE,
    WrittenLedger,
)

CUSTOMER_FILE = "customers/acme/customer.yml"
Edit = tuple[str, str, str]  # a file, a text in it (at its end if empty), and what is there instead
LATER_TERMS = (
    "- {effective: %s, punchcard_minutes: 240, increment_minutes: 15, price: {USD: 1000.00}, "
    "account_limit: 3, account_inactivity_months: 6, portal_retention_months: 12, "
    "overdraft_minutes: 0, low_balance_minutes: 60}\n"
)
PURCHASE = "- {id: P1, date: 2026-11-01, punchcards: 2, amount: 2000.00, invoice: INV-1}\n"
ENTRY = "date: 2026-11-02, request: ACME-1, minutes: 15, note: x"
CHARGED = "was charged as product-configuration and is"
CORRECTION = "date: 2026-11-06, request: ACME-1, minutes: -15, corrects: 05-1, note: x"
REFUND = "type: refund, date: 2026-11-05, purchase: P1, minutes: 15, amount: 9.00, reason: x"
RESOLVED = "  - {date: 2026-11-12, by: alice, status: resolved}\n"
GOES_ON = "  - {date: 2026-11-12, by: alice, status: in-progress}\n"


def edit(ledger: WrittenLedger, *edits: Edit) -> None:
    for file, old, new in edits:
        if old:
            ledger.replace(file, old, new)
        else:
            ledger.append(file, new)


def find_changes(
    ledger: WrittenLedger, *options: str, is_readable: bool = True
) -> list[tuple[str, str, str]]:
    """Return severity, file:line and message of each changed-history problem since the start."""
    how = ("--since", ledger.first, "--as-of", AS_OF, "--format", "json")
    ran = ledger.run("check", *how, *options)
    answer = json.loads(ran.stdout)
    assert answer["since"] == ledger.first
    rules = {item["rule"] for item in answer["problems"]}
    assert rules.isdisjoint({"yaml-syntax", "schema"}) is is_readable
    return [
        (item["severity"], f"{item['file']}:{item['line']}", item["message"])
        for item in answer["problems"]
        if item["rule"] == "changed-history"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "message"),
    [
        (TIME_FILE, "minutes: 45", "minutes: 30", 1,
         "entry 2026-11-alice/03-1 was altered: minutes 45 -> 30"),
        (TIME_FILE, "date: 2026-11-05", "date: 2026-11-06", 4,
         "entry 2026-11-alice/05-1 was altered: date 2026-11-05 -> 2026-11-06"),
        (TIME_FILE, "minutes: 45", "minutes: 45, category: onboarding", 1,
         "entry 2026-11-alice/03-1 was altered: category nothing -> 'onboarding'"),
        (PURCHASES_FILE, "punchcards: 2", "punchcards: 3", 1,
         "purchase P1 was altered: punchcards 2 -> 3"),
        (PURCHASES_FILE, "invoice: INV-1", "invoice: INV-2", 1,
         "purchase P1 was altered: invoice 'INV-1' -> 'INV-2'"),
        (ADJUSTMENTS_FILE, "minutes: 60", "minutes: 75", 1,
         "adjustment A1 was altered: minutes 60 -> 75"),
        (REQUEST_FILE, "status: in-progress", "status: closed", 7,
         "event 1 of ACME-1, of 2026-11-02, was altered: status in-progress -> closed"),
        (REQUEST_FILE, "date: 2026-11-10", "date: 2026-11-11", 8,
         "event 2 of ACME-1, of 2026-11-10, was altered: date 2026-11-10 -> 2026-11-11"),
        (REQUEST_FILE, "opened: 2026-11-01", "opened: 2026-10-31", 3,
         "request ACME-1 was altered: opened 2026-11-01 -> 2026-10-31"),
        (REQUEST_FILE, "opened_by: dana@acme.example", "opened_by: alice", 4,
         "request ACME-1 was altered: opened_by 'dana@acme.example' -> 'alice'"),
        (TERMS_FILE, "USD: 1000.00", "USD: 900.00", 4,
         "the terms of 2026-01-01, already in force, were altered: price USD 1000.00 -> USD 900"),
    ],
)  # fmt: skip
def test_an_altered_fact_is_an_error_that_names_both_places(
    ledger: WrittenLedger, file: str, old: str, new: str, place: int, message: str
) -> None:
    ledger.replace(file, old, new)
    [(severity, where, said)] = find_changes(ledger)
    assert (severity, where) == ("error", f"{file}:{place}")
    assert said.startswith(message)
    assert f" stood at {file}:" in said
    assert said.endswith(f" in {ledger.first[:10]}")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (TIME_FILE, "Metadata exchanged.", "Metadata was exchanged.", "entry 2026-11-alice/03-1"),
        (TIME_FILE, "  note: Walked", "  internal_note: Late.\n  note: Walked",
         "internal_note nothing -> 'Late.'"),
        (ADJUSTMENTS_FILE, "reason: Our outage", "reason: An outage", "adjustment A1"),
        (PURCHASES_FILE, "invoice: INV-1", "invoice: INV-1, price_note: Agreed", "price_note"),
        (REQUEST_FILE, "title: Single", "title: A single", "request ACME-1"),
        (REQUEST_FILE, "channel:", "description: With SAML.\nchannel:", "description nothing"),
        (REQUEST_FILE, "channel:", "ticket: SUP-1\nchannel:", "ticket nothing -> 'SUP-1'"),
        (REQUEST_FILE, "Kick-off booked.", "Kick-off was booked.", "event 1 of ACME-1"),
        (REQUEST_FILE, "channel:", "urgency: high\nchannel:", "urgency nothing -> high"),
    ],
)  # fmt: skip
def test_a_change_of_free_text_alone_is_a_warning(
    ledger: WrittenLedger, file: str, old: str, new: str, message: str
) -> None:
    ledger.replace(file, old, new)
    [(severity, _where, said)] = find_changes(ledger)
    assert severity == "warning"
    assert message in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # What is added, even if it is dated back.
        ([], [(TIME_FILE, "", f"- {{id: 02-1, {ENTRY}}}\n"),
              (PURCHASES_FILE, "", "- {id: P2, date: 2026-11-01, punchcards: 1, amount: 1000}\n"),
              (REQUEST_FILE, "", "  - {date: 2026-11-10, by: alice, status: resolved}\n"),
              (TERMS_FILE, "", LATER_TERMS % "2027-01-01")]),
        # A move from a later day on, terms that are not in force yet, one more currency.
        ([], [(REQUEST_FILE, "", "  - {date: 2026-11-11, by: alice, moved_to: support}\n")]),
        ([(TERMS_FILE, "", LATER_TERMS % "2027-01-01")],
         [(TERMS_FILE, "punchcard_minutes: 240", "punchcard_minutes: 300")]),
        ([], [(TERMS_FILE, "{USD: 1000.00}", "{USD: 1000.00, EUR: 950.00}")]),
        # The same in other words.
        ([(TIME_FILE, "", f"- {{id: 06-1, {CORRECTION}}}\n")],
         [(TIME_FILE, "corrects: 05-1", "corrects: 2026-11-alice/05-1")]),
        ([], [(PURCHASES_FILE, "amount: 2000.00", "amount: 2000"),
              (REQUEST_FILE, "note: Kick-off booked.}", 'note: "Kick-off booked."}  # done')]),
        # What is no history.
        ([], [(CUSTOMER_FILE, "name: Acme Robotics", "name: Acme"),
              ("customers/acme/accounts.yml", "name: Dana Whitfield", "name: Dana"),
              ("customers/provider.yml", "published_on: monday", "published_on: friday"),
              ("customers/consultants.yml", "name: Ben Okafor", "name: Ben")]),
        # Nobody had taken it up, nothing was sold.
        ([(REQUEST_FILE, "category: product-configuration\n", ""),
          (REQUEST_FILE, "status: in-progress, ", "")],
         [(REQUEST_FILE, "channel:", "category: onboarding\nchannel:")]),
        ([(PURCHASES_FILE, PURCHASE, "")],
         [(CUSTOMER_FILE, "currency: USD", "currency: CHF")]),
    ],
    ids=["added", "later-move", "later-terms", "currency", "corrects", "forms", "master-data",
         "category", "unsold"],
)  # fmt: skip
def test_what_alters_nothing(ledger: WrittenLedger, before: list[Edit], after: list[Edit]) -> None:
    edit(ledger, *before)
    ledger.first = ledger.commit() if before else ledger.first
    edit(ledger, *after)
    assert find_changes(ledger) == []


@pytest.mark.parametrize(
    ("before", "after", "severity", "where", "message"),
    [
        # Text and fact together: one error at the fact.
        ([], [(TIME_FILE, "minutes: 60", "minutes: 45"), (TIME_FILE, "Walked", "Went")],
         "error", f"{TIME_FILE}:6", "minutes 60 -> 45, note 'Walked"),
        # A move that is dated back names each entry that is charged otherwise.
        ([("customers/acme/time/2026-10-alice.yml", "",
           "- {id: 30-1, date: 2026-10-30, request: ACME-1, minutes: 15, note: x}\n")],
         [(REQUEST_FILE, "", "  - {date: 2026-11-05, by: alice, moved_to: support, note: x}\n")],
         "error", f"{REQUEST_FILE}:9",
         f"05-1 of 2026-11-05 {CHARGED} support now; it stood at {TIME_FILE}:3 in "),
        ([(REQUEST_FILE, "", RESOLVED + GOES_ON)],
         [(REQUEST_FILE, RESOLVED + GOES_ON, GOES_ON + RESOLVED)],
         "error", f"{REQUEST_FILE}:7",
         "the events of ACME-1 of 2026-11-12 stand in another order"),
        ([], [(TERMS_FILE, "", LATER_TERMS % "2026-11-04")], "error", f"{TERMS_FILE}:10",
         "new terms from 2026-11-04, a day that has passed, take the place of those of 2026-01-01"),
        ([], [(TERMS_FILE, "- effective: 2026-01-01",
               LATER_TERMS % "2025-07-01" + "- effective: 2026-01-01")], "error", f"{TERMS_FILE}:1",
         "new terms from 2025-07-01, a day that has passed, take the place of those of 2026-01-01"),
        ([(TERMS_FILE, "{USD: 1000.00}", "{USD: 1000.00, EUR: 950.00}")],
         [(TERMS_FILE, "{USD: 1000.00, EUR: 950.00}", "{USD: 1000.00}")],
         "error", f"{TERMS_FILE}:4", "price USD 1000.00, EUR 950.00 -> USD 1000.00"),
        ([(TIME_FILE, "", "- id: [\n")], [(TIME_FILE, "- id: [\n", "")],
         "warning", f"{TIME_FILE}:1", "not all of it could be read"),
        ([], [(CUSTOMER_FILE, "currency: USD", "currency: CHF")],
         "error", f"{CUSTOMER_FILE}:3",
         "the currency of what was sold was altered: USD -> CHF; it stood at"),
        ([(ADJUSTMENTS_FILE, "", f"- {{id: A2, {REFUND}}}\n"),
          (PURCHASES_FILE, PURCHASE, "")],
         [(CUSTOMER_FILE, "currency: USD", "currency: CHF")],
         "error", f"{CUSTOMER_FILE}:3", "the currency of what was sold was altered: USD -> CHF"),
    ],
    ids=["text-too", "moved-back", "reordered", "terms-behind", "terms-in-front", "price",
         "unreadable-base", "currency", "currency-refunded"],
)  # fmt: skip
def test_what_is_one_problem(
    ledger: WrittenLedger,
    before: list[Edit],
    after: list[Edit],
    severity: str,
    where: str,
    message: str,
) -> None:
    edit(ledger, *before)
    ledger.first = ledger.commit() if before else ledger.first
    edit(ledger, *after)
    [(found, place, said)] = find_changes(ledger)
    assert (found, place) == (severity, where)
    assert message in said


def test_comments_layout_and_order_in_the_file_are_no_change(ledger: WrittenLedger) -> None:
    ledger.write(
        TIME_FILE,
        """\
        # reordered, reformatted
        - {note: "Walked through the set-up.", id: 05-1, minutes: 60,
           request: ACME-1, date: 2026-11-05}

        - id: "03-1"
          date: 2026-11-03
          request: ACME-1
          category:
          minutes: 45
          note: Metadata exchanged.
        """,
    )
    ledger.replace(PURCHASES_FILE, "amount: 2000.00", "amount: 2000")
    ledger.replace(REQUEST_FILE, "note: Kick-off booked.}", 'note: "Kick-off booked."}  # done')
    assert find_changes(ledger) == []


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (TIME_FILE, "entry 2026-11-alice/05-1 was removed"),
        (REQUEST_FILE, "request ACME-1 was removed"),
        (PURCHASES_FILE, "purchase P1 was removed"),
        (ADJUSTMENTS_FILE, "adjustment A1 was removed"),
        (TERMS_FILE, "the terms of 2026-01-01, already in force, were removed"),
    ],
)
def test_a_file_that_is_gone_has_all_its_records_removed(
    ledger: WrittenLedger, file: str, message: str
) -> None:
    (ledger.root / file).unlink()
    changes = find_changes(ledger)
    assert {severity for severity, _where, _said in changes} == {"error"}
    assert {where for _severity, where, _said in changes} == {f"{file}:1"}
    assert any(said.startswith(message) for _severity, _where, said in changes)


def test_each_removed_record_is_named(ledger: WrittenLedger) -> None:
    ledger.write(TIME_FILE, "[]\n")
    ledger.replace(
        REQUEST_FILE, "  - {date: 2026-11-10, by: alice, note: Waiting for a certificate.}\n", ""
    )
    changes = find_changes(ledger)
    assert [said.partition(";")[0] for _severity, _where, said in changes] == [
        "event 2 of ACME-1, of 2026-11-10, was removed",
        "entry 2026-11-alice/03-1 was removed",
        "entry 2026-11-alice/05-1 was removed",
    ]  # fmt: skip


def test_an_entry_moved_to_another_file_is_removed_there(ledger: WrittenLedger) -> None:
    text = (ledger.root / TIME_FILE).read_text(encoding="utf-8")
    ledger.write("customers/acme/time/2026-11-ben.yml", text)
    (ledger.root / TIME_FILE).unlink()
    said = [message for _severity, _where, message in find_changes(ledger)]
    assert len(said) == 2
    assert said[0].startswith("entry 2026-11-alice/03-1 was removed")


def test_another_category_of_a_request_is_an_error_for_it_and_for_its_entries(
    ledger: WrittenLedger,
) -> None:
    ledger.replace(REQUEST_FILE, "category: product-configuration", "category: onboarding")
    said = [message for _severity, _where, message in find_changes(ledger)]
    charged = "was charged as product-configuration and is onboarding now"
    assert [message.partition(";")[0] for message in sorted(said)] == [
        f"entry 2026-11-alice/03-1 of 2026-11-03 {charged}",
        f"entry 2026-11-alice/05-1 of 2026-11-05 {charged}",
        "request ACME-1 was altered: category 'product-configuration' -> 'onboarding'",
    ]


def test_what_cannot_be_read_now_is_not_called_removed(ledger: WrittenLedger) -> None:
    ledger.append(TIME_FILE, "- id: [\n")
    ledger.append(PURCHASES_FILE, "- id: [\n")
    assert find_changes(ledger, is_readable=False) == []
    assert ledger.run("check", "--since", ledger.first).status == 1


def test_staged_committed_and_uncommitted_changes_are_seen(ledger: WrittenLedger) -> None:
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.commit()
    ledger.replace(PURCHASES_FILE, "punchcards: 2", "punchcards: 3")
    ledger.git("add", "--all")
    ledger.replace(ADJUSTMENTS_FILE, "minutes: 60", "minutes: 75")
    assert len(find_changes(ledger)) == 3
    assert len(find_changes(ledger, "--rev", "HEAD")) == 1


def test_a_folder_with_another_name_is_still_the_customer_who_has_the_key(
    ledger: WrittenLedger,
) -> None:
    ledger.git("mv", "customers/acme", "customers/acme-inc")
    assert find_changes(ledger) == []
    ledger.replace(TIME_FILE.replace("acme", "acme-inc"), "minutes: 45", "minutes: 30")
    customer = "{name: Other, key: OTHER, currency: EUR}\n"
    ledger.write("customers/acme/customer.yml", customer)
    [(severity, where, said)] = find_changes(ledger)
    assert (severity, where) == ("error", "customers/acme-inc/time/2026-11-alice.yml:1")
    assert said.startswith("entry 2026-11-alice/03-1 was altered: minutes 45 -> 30; it stood at")
