"""What the rule ``changed-history`` calls altered or removed, and what is no change."""

from __future__ import annotations

import json

import pytest

from tests.conftest import RunPunchcard
from tests.ledger.git.written_ledger import (
    ADJUSTMENTS_FILE,
    AS_OF,
    PURCHASES_FILE,
    REQUEST_FILE,
    TERMS_FILE,
    TIME_FILE,
    WrittenLedger,
)


def find_changes(
    punchcard: RunPunchcard, ledger: WrittenLedger, *options: str, is_readable: bool = True
) -> list[tuple[str, str, str]]:
    """Return severity, file:line and message of each changed-history problem since the start."""
    ran = punchcard(
        ledger.root, "check", "--since", ledger.first, "--as-of", AS_OF, "--format", "json",
        *options,
    )  # fmt: skip
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
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    file: str,
    old: str,
    new: str,
    place: int,
    message: str,
) -> None:
    ledger.replace(file, old, new)
    [(severity, where, said)] = find_changes(punchcard, ledger)
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
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    file: str,
    old: str,
    new: str,
    message: str,
) -> None:
    ledger.replace(file, old, new)
    [(severity, _where, said)] = find_changes(punchcard, ledger)
    assert severity == "warning"
    assert message in said


def test_text_and_fact_together_are_one_error_at_the_fact(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace(TIME_FILE, "minutes: 60", "minutes: 45")
    ledger.replace(TIME_FILE, "Walked through", "Went through")
    [(severity, where, said)] = find_changes(punchcard, ledger)
    assert (severity, where) == ("error", f"{TIME_FILE}:6")
    assert "minutes 60 -> 45, note 'Walked" in said


def test_comments_layout_and_order_in_the_file_are_no_change(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
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
    assert find_changes(punchcard, ledger) == []


def test_what_is_added_is_no_change_even_if_dated_back(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.log("02-1")
    ledger.log("04-1", consultant="ben")
    ledger.append(PURCHASES_FILE, "- {id: P2, date: 2026-11-01, punchcards: 1, amount: 1000}\n")
    ledger.append(REQUEST_FILE, "  - {date: 2026-11-10, by: alice, status: resolved}\n")
    ledger.append(
        TERMS_FILE,
        ledger_terms("2027-01-01"),
    )
    assert find_changes(punchcard, ledger) == []


def ledger_terms(effective: str) -> str:
    return (
        f"- {{effective: {effective}, punchcard_minutes: 240, increment_minutes: 15, "
        "price: {USD: 1000.00}, account_limit: 3, account_inactivity_months: 6, "
        "portal_retention_months: 12, overdraft_minutes: 0, low_balance_minutes: 60}\n"
    )


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
    punchcard: RunPunchcard, ledger: WrittenLedger, file: str, message: str
) -> None:
    (ledger.root / file).unlink()
    changes = find_changes(punchcard, ledger)
    assert {severity for severity, _where, _said in changes} == {"error"}
    assert {where for _severity, where, _said in changes} == {f"{file}:1"}
    assert any(said.startswith(message) for _severity, _where, said in changes)


def test_each_removed_record_is_named(punchcard: RunPunchcard, ledger: WrittenLedger) -> None:
    ledger.write(TIME_FILE, "[]\n")
    ledger.replace(
        REQUEST_FILE, "  - {date: 2026-11-10, by: alice, note: Waiting for a certificate.}\n", ""
    )
    changes = find_changes(punchcard, ledger)
    assert [said.partition(";")[0] for _severity, _where, said in changes] == [
        "event 2 of ACME-1, of 2026-11-10, was removed",
        "entry 2026-11-alice/03-1 was removed",
        "entry 2026-11-alice/05-1 was removed",
    ]  # fmt: skip


def test_an_entry_moved_to_another_file_is_removed_there(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    text = (ledger.root / TIME_FILE).read_text(encoding="utf-8")
    ledger.write("customers/acme/time/2026-11-ben.yml", text)
    (ledger.root / TIME_FILE).unlink()
    said = [message for _severity, _where, message in find_changes(punchcard, ledger)]
    assert len(said) == 2
    assert said[0].startswith("entry 2026-11-alice/03-1 was removed")


def test_a_move_dated_back_names_each_entry_that_is_charged_otherwise(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.append(
        "customers/acme/time/2026-10-alice.yml",
        "- {id: 30-1, date: 2026-10-30, request: ACME-1, minutes: 15, note: Before it.}\n",
    )
    ledger.first = ledger.commit()
    ledger.append(
        REQUEST_FILE, "  - {date: 2026-11-05, by: alice, moved_to: support, note: General.}\n"
    )
    [(severity, where, said)] = find_changes(punchcard, ledger)
    assert (severity, where) == ("error", f"{REQUEST_FILE}:9")
    assert said.startswith(
        "entry 2026-11-alice/05-1 of 2026-11-05 was charged as product-configuration and is "
        f"support now; it stood at {TIME_FILE}:3 in "
    )


def test_a_move_from_a_later_day_on_changes_nothing(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.append(REQUEST_FILE, "  - {date: 2026-11-11, by: alice, moved_to: support}\n")
    assert find_changes(punchcard, ledger) == []


def test_another_category_of_a_request_is_an_error_for_it_and_for_its_entries(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace(REQUEST_FILE, "category: product-configuration", "category: onboarding")
    said = [message for _severity, _where, message in find_changes(punchcard, ledger)]
    charged = "was charged as product-configuration and is onboarding now"
    assert [message.partition(";")[0] for message in sorted(said)] == [
        f"entry 2026-11-alice/03-1 of 2026-11-03 {charged}",
        f"entry 2026-11-alice/05-1 of 2026-11-05 {charged}",
        "request ACME-1 was altered: category 'product-configuration' -> 'onboarding'",
    ]


def test_events_of_a_day_in_another_order_are_an_error_if_the_day_ends_otherwise(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    one = "  - {date: 2026-11-12, by: alice, status: resolved}\n"
    other = "  - {date: 2026-11-12, by: alice, status: in-progress}\n"
    ledger.append(REQUEST_FILE, one + other)
    ledger.first = ledger.commit()
    ledger.replace(REQUEST_FILE, one + other, other + one)
    [(severity, _where, said)] = find_changes(punchcard, ledger)
    assert severity == "error"
    assert "the events of ACME-1 of 2026-11-12 stand in another order" in said


@pytest.mark.parametrize("day", ["2026-11-04", "2025-07-01"])
def test_new_terms_behind_or_in_front_of_those_in_force_are_an_error(
    punchcard: RunPunchcard, ledger: WrittenLedger, day: str
) -> None:
    terms = [ledger.find(TERMS_FILE).read_text(encoding="utf-8"), ledger_terms(day)]
    ordered = terms if day > "2026" else reversed(terms)
    ledger.write(TERMS_FILE, "".join(ordered))
    [(severity, _where, said)] = find_changes(punchcard, ledger)
    assert severity == "error"
    assert (
        said
        == f"new terms from {day}, a day that has passed, take the place of those of 2026-01-01"
    )


def test_terms_that_are_not_in_force_yet_may_change(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.append(TERMS_FILE, ledger_terms("2027-01-01"))
    ledger.first = ledger.commit()
    ledger.replace(TERMS_FILE, "punchcard_minutes: 240", "punchcard_minutes: 300")
    assert find_changes(punchcard, ledger) == []


def test_corrects_may_be_written_in_full_or_in_short(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.append(
        TIME_FILE,
        "- {id: 06-1, date: 2026-11-06, request: ACME-1, minutes: -15, corrects: 05-1, note: x}\n",
    )
    ledger.first = ledger.commit()
    ledger.replace(TIME_FILE, "corrects: 05-1", "corrects: 2026-11-alice/05-1")
    assert find_changes(punchcard, ledger) == []


def test_what_cannot_be_read_now_is_not_called_removed(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.append(TIME_FILE, "- id: [\n")
    ledger.append(PURCHASES_FILE, "- id: [\n")
    assert find_changes(punchcard, ledger, is_readable=False) == []
    assert punchcard(ledger.root, "check", "--since", ledger.first).status == 1


def test_what_could_not_be_read_at_the_base_is_said(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.append(TIME_FILE, "- id: [\n")
    ledger.first = ledger.commit()
    ledger.replace(TIME_FILE, "- id: [\n", "")
    [(severity, where, said)] = find_changes(punchcard, ledger)
    assert (severity, where) == ("warning", f"{TIME_FILE}:1")
    assert "not all of it could be read" in said


def test_account_customer_and_provider_are_not_history(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace("customers/acme/customer.yml", "name: Acme Robotics", "name: Acme")
    ledger.replace("customers/acme/accounts.yml", "name: Dana Whitfield", "name: Dana")
    ledger.replace("customers/provider.yml", "published_on: monday", "published_on: friday")
    ledger.replace("customers/consultants.yml", "name: Ben Okafor", "name: Ben")
    assert find_changes(punchcard, ledger) == []


def test_staged_committed_and_uncommitted_changes_are_seen(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.commit()
    ledger.replace(PURCHASES_FILE, "punchcards: 2", "punchcards: 3")
    ledger.git("add", "--all")
    ledger.replace(ADJUSTMENTS_FILE, "minutes: 60", "minutes: 75")
    assert len(find_changes(punchcard, ledger)) == 3
    assert len(find_changes(punchcard, ledger, "--rev", "HEAD")) == 1


@pytest.mark.parametrize("file", [PURCHASES_FILE, ADJUSTMENTS_FILE])
def test_the_currency_of_what_was_sold_is_not_altered(
    punchcard: RunPunchcard, ledger: WrittenLedger, file: str
) -> None:
    refund = "id: A2, type: refund, date: 2026-11-05, purchase: P1, minutes: 15, amount: 9.00"
    ledger.append(ADJUSTMENTS_FILE, f"- {{{refund}, reason: x}}\n")
    other = {PURCHASES_FILE: ADJUSTMENTS_FILE, ADJUSTMENTS_FILE: PURCHASES_FILE}[file]
    ledger.find(other).unlink()
    ledger.first = ledger.commit()
    ledger.replace("customers/acme/customer.yml", "currency: USD", "currency: CHF")
    [(severity, where, said)] = find_changes(punchcard, ledger)
    assert (severity, where) == ("error", "customers/acme/customer.yml:3")
    assert said.startswith("the currency of what was sold was altered: USD -> CHF; it stood at")


def test_the_currency_may_change_while_nothing_was_sold(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.find(PURCHASES_FILE).unlink()
    ledger.first = ledger.commit()
    ledger.replace("customers/acme/customer.yml", "currency: USD", "currency: CHF")
    assert find_changes(punchcard, ledger) == []


def test_a_folder_with_another_name_is_still_the_customer_who_has_the_key(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("mv", "customers/acme", "customers/acme-inc")
    assert find_changes(punchcard, ledger) == []
    ledger.replace(TIME_FILE.replace("acme", "acme-inc"), "minutes: 45", "minutes: 30")
    customer = "{name: Other, key: OTHER, currency: EUR}\n"
    ledger.write("customers/acme/customer.yml", customer)
    [(severity, where, said)] = find_changes(punchcard, ledger)
    assert (severity, where) == ("error", "customers/acme-inc/time/2026-11-alice.yml:1")
    assert said.startswith("entry 2026-11-alice/03-1 was altered: minutes 45 -> 30; it stood at")


def test_a_price_in_one_more_currency_alters_no_terms(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.replace(TERMS_FILE, "{USD: 1000.00}", "{USD: 1000.00, EUR: 950.00}")
    assert find_changes(punchcard, ledger) == []
    ledger.first = ledger.commit()
    ledger.replace(TERMS_FILE, "{USD: 1000.00, EUR: 950.00}", "{USD: 1000.00}")
    [(severity, _where, said)] = find_changes(punchcard, ledger)
    assert severity == "error"
    assert "price USD 1000.00, EUR 950.00 -> USD 1000.00" in said


def test_a_request_that_nobody_has_taken_up_gets_its_category(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    request = "title: x\nopened: 2026-11-01\nopened_by: alice\nchannel: punchcard\n"
    file = REQUEST_FILE.replace("ACME-1", "ACME-2")
    ledger.write(file, request)
    ledger.first = ledger.commit()
    ledger.write(file, f"{request}category: onboarding\n")
    assert find_changes(punchcard, ledger) == []
    ledger.first = ledger.commit()
    ledger.write(file, f"{request}category: product-training\n")
    [(severity, _where, said)] = find_changes(punchcard, ledger)
    assert (severity, "category 'onboarding' -> 'product-training'" in said) == ("error", True)
