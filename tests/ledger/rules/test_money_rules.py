"""What is sold, drawn on and refunded, on both sides of each rule's boundaries."""

from datetime import date

import pytest

from tests.ledger.rules.small_ledger import (
    FILES,
    REFUND_OF_P7,
    TERMS,
    day,
    find,
    find_lines,
    write_time,
)


@pytest.mark.parametrize(
    ("minutes", "overdraft", "own", "hint"),
    [
        # one card of 300 minutes
        (300, 0, "", None),
        (315, 0, "", "1 more punchcard covers it"),
        (600, 0, "", "1 more punchcard covers it"),
        (615, 0, "", "2 more punchcards cover it"),
        (360, 60, "", None),
        (375, 60, "", "1 more punchcard covers it"),
        (660, 60, "", "1 more punchcard covers it"),
        (675, 60, "", "2 more punchcards cover it"),
        # this customer's own limit, instead of the terms'
        (360, 0, "60", None),
        (375, 0, "60", "1 more punchcard covers it"),
        (315, 60, "0", "1 more punchcard covers it"),
        (315, 60, "15", None),
    ],
)
def test_overdrawn(minutes: int, overdraft: int, own: str, hint: str | None) -> None:
    files = write_time(f"03-1 2026-11-03 {minutes}") | {
        "terms.yml": TERMS.replace("overdraft_minutes: 0", f"overdraft_minutes: {overdraft}"),
        "acme/customer.yml": f"{FILES['acme/customer.yml']}overdraft_minutes: {own}\n",
    }
    rest = "; or correct what should not have been charged"
    expected = [] if hint is None else [f"acme/time/2026-11-alice.yml:1 {hint}{rest}"]
    assert find("overdrawn", files) == expected


@pytest.mark.parametrize(("first", "then", "lines"), [(0, 60, []), (60, 0, [1])])
def test_overdrawn_by_the_terms_of_the_as_of_date(first: int, then: int, lines: list[int]) -> None:
    terms = TERMS.replace("overdraft_minutes: 0", f"overdraft_minutes: {first}")
    later = TERMS.replace("2026-01-01", "2026-11-10")
    terms += later.replace("overdraft_minutes: 0", f"overdraft_minutes: {then}")
    files = write_time("03-1 2026-11-03 360") | {"terms.yml": terms}
    assert find_lines("overdrawn", files, day(10)) == lines
    assert find_lines("overdrawn", files, day(9)) == ([1] if not lines else [])


def test_overdrawn_is_not_said_where_a_purchase_is_before_the_first_terms() -> None:
    early = FILES["acme/purchases.yml"].replace("2026-11-02", "2025-11-02")
    files = write_time("03-1 2026-11-03 60") | {"acme/purchases.yml": early}
    assert find_lines("unknown-reference", files) == [1]
    assert find("overdrawn", files) == []


def test_overdrawn_is_said_at_each_entry_that_is_not_covered() -> None:
    files = write_time("03-1 2026-11-03 285", "04-1 2026-11-04 30", "05-1 2026-11-05 15")
    assert find_lines("overdrawn", files) == [2, 3]
    assert find_lines("overdrawn", files, day(4)) == [2]
    assert find_lines("overdrawn", files, day(3)) == []


def test_overdrawn_once_and_covered_by_now_is_no_error() -> None:
    later = FILES["acme/purchases.yml"].replace("11-02", "11-05")
    files = write_time("03-1 2026-11-03 15") | {"acme/purchases.yml": later}
    assert find_lines("overdrawn", files, day(4)) == [1]
    assert find_lines("overdrawn", files, day(5)) == []
    [place] = find("overdrawn", files | {"terms.yml": "", "acme/purchases.yml": ""})
    assert place.endswith("record a purchase that covers it")


@pytest.mark.parametrize("broken", ["acme/purchases.yml", "acme/adjustments.yml", "terms.yml"])
def test_overdrawn_is_not_said_when_a_lot_could_not_be_read(broken: str) -> None:
    files = write_time("03-1 2026-11-03 315") | {broken: "- {}\n"}
    assert find("overdrawn", files) == []
    assert find("refund", files) == []
    assert find("portal-closed", files) == []


@pytest.mark.parametrize(
    ("used", "refund", "when", "hint"),
    [
        # a card of 300 minutes, bought on the second
        (0, 300, "2026-11-02", None),
        (0, 315, "2026-11-02", "write 300"),
        (0, 60, "2026-11-01", "correct the date or the purchase"),
        (240, 60, "2026-11-04", None),
        (240, 75, "2026-11-04", "write 60"),
        (300, 15, "2026-11-04", "delete it; there is nothing to refund"),
        # what is used the day after does not matter
        (240, 300, "2026-11-02", None),
    ],
)
def test_refund(used: int, refund: int, when: str, hint: str | None) -> None:
    text = (
        f"- {{id: A1, type: refund, date: {when}, purchase: P1, minutes: {refund}, amount: 1.00,"
        " reason: So}\n- {id: A2, type: goodwill, date: 2026-11-02, minutes: 600, reason: So}\n"
    )
    files = write_time(f"03-1 2026-11-03 {used or 15}") | {"acme/adjustments.yml": text}
    if not used:
        files |= write_time()
    expected = [] if hint is None else [f"acme/adjustments.yml:1 {hint}"]
    assert find("refund", files) == expected


@pytest.mark.parametrize(
    ("amounts", "as_of", "expected"),
    [
        # 1000.00 were paid
        (("1000.00", "0.00"), day(30), []),
        (("1000.01", "0.00"), day(30), ["1 write at most 1000.00"]),
        (("600.00", "400.00"), day(30), []),
        (("600.00", "400.01"), day(30), ["2 write at most 400.00"]),
        (("99999.00", "15.00"), day(30), ["1 write at most 1000.00", "2 write at most 0.00"]),
        (("600.00", "400.01"), day(4), []),  # the second is of the fifth
    ],
)
def test_refunds_pay_back_no_more_than_was_paid(
    amounts: tuple[str, str], as_of: date, expected: list[str]
) -> None:
    text = "".join(
        f"- {{id: A{number}, type: refund, date: 2026-11-0{number + 3}, purchase: P1, minutes: 15,"
        f" amount: {amount}, reason: So}}\n"
        for number, amount in enumerate(amounts, start=1)
    )
    found = find("refund", {"acme/adjustments.yml": text}, as_of)
    assert found == [f"acme/adjustments.yml:{place}" for place in expected]


def test_refund_of_an_unknown_purchase_is_not_said_twice() -> None:
    assert find("refund", {"acme/adjustments.yml": REFUND_OF_P7}) == []
    assert find_lines("unknown-reference", {"acme/adjustments.yml": REFUND_OF_P7}) == [1]


@pytest.mark.parametrize(
    ("purchase", "is_found"),
    [
        ("date: 2026-10-02, punchcards: 1, amount: 1000.00", False),
        ("date: 2026-10-02, punchcards: 1, amount: 1000", False),
        ("date: 2026-10-02, punchcards: 3, amount: 3000.00", False),
        ("date: 2026-10-02, punchcards: 3, amount: 2999.99", True),
        ("date: 2026-10-02, punchcards: 2, amount: 1000.00", True),
        ("date: 2026-10-02, punchcards: 2, amount: 1800.00, price_note: First purchase", False),
        ("date: 2026-10-02, punchcards: 1, amount: 0", True),
        ("date: 2026-10-02, punchcards: 1, amount: 0, price_note: Won in a raffle", False),
        # the price changes on the first of November
        ("date: 2026-10-31, punchcards: 1, amount: 1000.00", False),
        ("date: 2026-10-31, punchcards: 1, amount: 1100.00", True),
        ("date: 2026-11-01, punchcards: 1, amount: 1100.00", False),
        ("date: 2026-11-01, punchcards: 1, amount: 1000.00", True),
        # no terms, no price
        ("date: 2025-12-31, punchcards: 1, amount: 1.00", False),
    ],
)
def test_purchase_amount(purchase: str, is_found: bool) -> None:
    later = TERMS.replace("2026-01-01", "2026-11-01").replace("1000.00", "1100.00")
    files = {"terms.yml": TERMS + later, "acme/purchases.yml": f"- {{id: P1, {purchase}}}\n"}
    assert find_lines("purchase-amount", files) == ([1] if is_found else [])


@pytest.mark.parametrize("rule", ["purchase-amount", "support-entitlement", "file-name"])
def test_nothing_is_concluded_from_a_customer_that_could_not_be_read(rule: str) -> None:
    files = write_time("03-1 2026-11-03 15 category: technical-support")
    files["acme/customer.yml"] = "name: Acme\nkey: BOLT\ncurrency: dollars\n"
    files["acme/purchases.yml"] = "- {id: P1, date: 2026-11-02, punchcards: 1, amount: 1.00}\n"
    assert find(rule, files) == []


@pytest.mark.parametrize(
    ("note", "lines"),
    [
        ("Includes a licence", [1]),
        ("mit Lizenz für Trace", [1]),
        ("10 % off, the second purchase of the year", []),
    ],
)
def test_a_price_note_that_speaks_of_a_licence(note: str, lines: list[int]) -> None:
    bought = (
        f"- {{id: P1, date: 2026-11-02, punchcards: 1, amount: 1200.00, price_note: '{note}'}}\n"
    )
    assert find_lines("licence-in-purchase", FILES | {"acme/purchases.yml": bought}) == lines
