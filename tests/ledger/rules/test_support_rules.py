"""Technical support and the portal's life, on both sides of each rule's boundaries."""

from datetime import date

import pytest

from tests.ledger.rules.small_ledger import (
    FILES,
    REQUEST,
    SUPPORT,
    TERMS,
    day,
    find,
    find_lines,
    write_request,
    write_time,
)

TO_SUPPORT = "date: 2026-11-05, moved_to: support"
TO_PUNCHCARD = "date: 2026-11-09, moved_to: punchcard"


@pytest.mark.parametrize(
    ("when", "more", "is_found"),
    [
        # in the support channel from the fifth to the eighth
        ("2026-11-04", "category: detailed-qa", False),
        ("2026-11-05", "category: detailed-qa", True),
        ("2026-11-08", "category: detailed-qa", True),
        ("2026-11-09", "category: detailed-qa", False),
        ("2026-11-06", "", False),
        ("2026-11-06", "category: technical-support", False),
        ("2026-11-06", "category: system-access", False),
        ("2026-11-06", "category: onboarding, request: ACME-9", False),
    ],
)
def test_support_charged(when: str, more: str, is_found: bool) -> None:
    files = write_request(TO_SUPPORT, TO_PUNCHCARD) | write_time(f"x {when} 15 {more}".strip())
    assert find_lines("support-charged", files) == ([1] if is_found else [])


def test_a_correction_may_name_its_category_while_the_request_is_in_support() -> None:
    files = write_request("date: 2026-11-10, moved_to: support") | write_time(
        "03-1 2026-11-03 60",
        "12-1 2026-11-12 -15 corrects: 03-1, category: product-configuration",
    )
    assert find("support-charged", files) == []
    assert find("correction", files) == []


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ("support-charged", "category: detailed-qa"),
        ("support-entitlement", "category: technical-support"),
    ],
)
@pytest.mark.parametrize(("corrected", "lines"), [((), [1]), ((-30,), [1]), ((-30, -15), [])])
def test_support_that_is_wholly_corrected_is_settled(
    rule: str, more: str, corrected: tuple[int, ...], lines: list[int]
) -> None:
    corrections = [
        f"c{number} 2026-11-0{number} {minutes} corrects: 03-1"
        for number, minutes in enumerate(corrected, start=4)
    ]
    files = write_request(head=SUPPORT) | write_time(f"03-1 2026-11-03 45 {more}", *corrections)
    assert find_lines(rule, files) == lines


@pytest.mark.parametrize(
    ("licence", "head", "is_found"),
    [
        ("type: commercial", SUPPORT, False),
        ("type: academic", SUPPORT, False),
        ("type: evaluation", SUPPORT, True),
        ("type: evaluation", REQUEST, False),
        ("type: commercial, until: 2026-11-03", SUPPORT, False),
        ("type: commercial, until: 2026-11-02", SUPPORT, True),
        ("type: commercial, from: 2026-11-03", SUPPORT, False),
        ("type: commercial, from: 2026-11-04", SUPPORT, True),
    ],
)
def test_support_entitlement(licence: str, head: str, is_found: bool) -> None:
    customer = f"{FILES['acme/customer.yml']}licences:\n  - {{product: Trace, {licence}}}\n"
    files = write_request(head=head) | write_time("03-1 2026-11-03 15")
    files["acme/customer.yml"] = customer
    assert find_lines("support-entitlement", files) == ([1] if is_found else [])


USED_UP = {
    "terms.yml": TERMS.replace("portal_retention_months: 12", "portal_retention_months: 6"),
    "acme/purchases.yml": FILES["acme/purchases.yml"].replace("2026-11-02", "2026-02-02"),
    "acme/requests/ACME-1.yml": REQUEST.replace("2026-11-02", "2026-02-02"),
    **write_time("x 2026-03-31 300", file="2026-03-alice"),
}
"""The card is used up on the 31st of March: the portal's last day is the 30th of September."""


@pytest.mark.parametrize(
    ("files", "when", "is_found"),
    [
        ({}, "2026-09-30", False),
        ({}, "2026-10-01", True),
        # another card, bought that day
        (
            {
                "acme/purchases.yml": USED_UP["acme/purchases.yml"]
                + "- {id: P2, date: 2026-10-01, punchcards: 1, amount: 1000.00}\n"
            },
            "2026-10-01",
            False,
        ),
        # another service, still running, or completed later than the card
        ({"service": "{name: Rollout}"}, "2026-10-01", False),
        ({"service": "{name: Rollout, completed: 2026-04-30}"}, "2026-10-30", False),
        ({"service": "{name: Rollout, completed: 2026-04-30}"}, "2026-10-31", True),
    ],
)
@pytest.mark.parametrize("what", ["time", "request"])
def test_portal_closed(files: dict[str, str], when: str, is_found: bool, what: str) -> None:
    files = USED_UP | files
    if service := files.pop("service", ""):
        files["acme/customer.yml"] = f"{FILES['acme/customer.yml']}services:\n  - {service}\n"
    if what == "time":
        files |= write_time(f"y {when} 15", file=f"{when[:7]}-alice")
        expected = [f"acme/time/{when[:7]}-alice.yml:1 sell a punchcard first, or correct the date"]
    else:
        files["acme/requests/ACME-2.yml"] = REQUEST.replace("2026-11-02", when)
        expected = [
            "acme/requests/ACME-2.yml:3 sell a punchcard first, or open it in the support channel"
        ]
    assert find("portal-closed", files) == (expected if is_found else [])


@pytest.mark.parametrize(
    ("files", "as_of"),
    [
        (USED_UP | write_time("y 2026-11-03 15 category: technical-support"), day(30)),
        (USED_UP | write_time("y 2026-11-03 -15 corrects: 2026-03-alice/x"), day(30)),
        (USED_UP | write_time("y 2026-11-03 15 request: ACME-9"), day(30)),
        (USED_UP | write_time("y 2026-11-03 15"), day(2)),
        (USED_UP | {"acme/requests/ACME-2.yml": SUPPORT}, day(30)),
        # a customer who never had a portal
        (write_time("y 2026-11-03 15") | {"acme/purchases.yml": ""}, day(30)),
    ],
)
def test_portal_closed_leaves_alone(files: dict[str, str], as_of: date) -> None:
    assert find("portal-closed", files, as_of) == []
