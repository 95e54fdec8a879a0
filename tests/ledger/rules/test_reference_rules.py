"""Names and what they refer to, on both sides of each rule's boundaries."""

import pytest

from tests.ledger.rules.small_ledger import (
    ACCOUNT,
    FILES,
    REFUND_OF_P7,
    REQUEST,
    SUPPORT,
    TERMS,
    find,
    find_lines,
    write_request,
    write_time,
)


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (write_time("a 2026-11-03 15", "b 2026-11-03 15"), []),
        (write_time("a 2026-11-03 15", "a 2026-11-04 15", "a 2026-11-05 15"), [2, 3]),
        (write_time("a 2026-11-03 15", "A 2026-11-04 15"), []),
        (
            write_time("a 2026-11-03 15") | write_time("a 2026-10-03 15", file="2026-10-alice"),
            [],
        ),
        ({"acme/purchases.yml": FILES["acme/purchases.yml"] * 2}, [2]),
        (
            {
                "acme/adjustments.yml": "- {id: P1, type: goodwill, date: 2026-11-05, minutes: 15,"
                " reason: So}\n"
            },
            [1],
        ),
        ({"bolt/customer.yml": FILES["acme/customer.yml"]}, [2]),
        ({"bolt/customer.yml": FILES["acme/customer.yml"].replace("ACME", "BOLT")}, []),
        ({"consultants.yml": FILES["consultants.yml"] * 2}, [2]),
        (
            {
                "consultants.yml": FILES["consultants.yml"]
                + "- {handle: ben, name: Ben, emails: [ben@tools.example, ALICE@tools.example]}\n"
            },
            [2],
        ),
    ],
)
def test_unique_id(files: dict[str, str], lines: list[int]) -> None:
    assert find_lines("unique-id", files) == lines


@pytest.mark.parametrize(
    ("files", "places"),
    [
        (write_time("a 2026-11-03 15"), []),
        (
            write_time("a 2026-11-03 15 request: ACME-2"),
            ["acme/time/2026-11-alice.yml:1 did you mean ACME-1?"],
        ),
        (
            write_time("a 2026-11-03 15 request: 77"),
            ["acme/time/2026-11-alice.yml:1 open the request first, in a file of its own"],
        ),
        # a file or record that is there but cannot be read is not called missing
        ({"acme/requests/ACME-1.yml": "title:\n", **write_time("a 2026-11-03 15")}, []),
        ({"acme/requests/ACME-1.yml": "{", **write_time("a 2026-11-03 15")}, []),
        (write_time("a 2026-11-03 x", "b 2026-11-04 -15 corrects: a"), []),
        (
            {"acme/time/2026-10-alice.yml": "{"}
            | write_time("b 2026-11-04 -15 corrects: 2026-10-alice/a"),
            [],
        ),
        ({"consultants.yml": "{", **write_time("a 2026-11-03 15")}, []),
        # people
        (
            write_time("a 2026-11-03 15", file="2026-11-alise"),
            ["acme/time/2026-11-alise.yml:1 did you mean alice?"],
        ),
        (
            {"consultants.yml": ""},
            ["acme/requests/ACME-1.yml:4 name a consultant's handle or an account's address"],
        ),
        (
            write_request(head=REQUEST.replace("alice", "dana@acme.example")),
            ["acme/requests/ACME-1.yml:4 name one of accounts.yml, or add the account there first"],
        ),
        (
            write_request(head=REQUEST.replace("alice", "DANA@acme.example"))
            | {"acme/accounts.yml": ACCOUNT % ""},
            [],
        ),
        (
            write_request(head=REQUEST.replace("alice", "dana@acme.example"))
            | {"acme/accounts.yml": "- {}\n"},
            [],
        ),
        (write_request(head=SUPPORT.replace("alice", "anybody@acme.example")), []),
        (
            write_request(head=SUPPORT.replace("alice", "anybody")),
            ["acme/requests/ACME-1.yml:4 name a consultant's handle or an account's address"],
        ),
        # terms
        (
            {"terms.yml": ""},
            ["acme/purchases.yml:1 add them to terms.yml, or correct the date"],
        ),
        ({"terms.yml": TERMS.replace("2026-01-01", "2026-11-02")}, []),
        (
            {"terms.yml": TERMS.replace("2026-01-01", "2026-11-03")},
            ["acme/purchases.yml:1 add them to terms.yml, or correct the date"],
        ),
        ({"terms.yml": "- {}\n"}, []),
    ],
)
def test_unknown_reference(files: dict[str, str], places: list[str]) -> None:
    assert find("unknown-reference", files) == places


@pytest.mark.parametrize(
    ("purchases", "hint"),
    [
        (FILES["acme/purchases.yml"], "the purchases are P1"),
        (FILES["acme/purchases.yml"].replace("P1", "P77"), "did you mean P77?"),
        ("", "record it first"),
        # all of them, or the one that is meant, could not be read
        ("{", None),
        ("- {id: P7}\n", None),
        (FILES["acme/purchases.yml"] + "- {id: P7}\n", None),
    ],
)
def test_unknown_reference_of_a_refund(purchases: str, hint: str | None) -> None:
    files = {"acme/adjustments.yml": REFUND_OF_P7, "acme/purchases.yml": purchases}
    expected = [] if hint is None else [f"acme/adjustments.yml:1 {hint}"]
    assert find("unknown-reference", files) == expected


@pytest.mark.parametrize(
    ("name", "is_found"),
    [("ACME-1", False), ("ACME-999999999", False), ("ACM-1", True), ("ACMES-1", True)],
)
def test_file_name_of_a_request(name: str, is_found: bool) -> None:
    files = {"acme/requests/ACME-1.yml": "", f"acme/requests/{name}.yml": REQUEST}
    assert bool(find("file-name", files)) == is_found
