"""Accounts and histories, on both sides of each rule's boundaries."""

from datetime import date

import pytest

from tests.ledger.rules.small_ledger import (
    ACCOUNT,
    REQUEST,
    TERMS,
    day,
    find,
    find_lines,
    write_request,
)


@pytest.mark.parametrize(
    ("fourth", "as_of", "lines"),
    [
        # three accounts of November, and a fourth
        ("created: 2026-11-05", day(4), []),
        ("created: 2026-11-05", day(5), [4]),
        ("created: 2026-11-01", day(5), [3]),
        ("created: 2026-11-05, removed: 2026-11-20", day(19), [4]),
        ("created: 2026-11-05, removed: 2026-11-20", day(20), []),
        # it would end by itself on the day of its removal
        ("created: 2026-05-05, removed: 2026-11-05", day(4), [3]),
        ("created: 2026-05-05, removed: 2026-11-05", day(5), []),
        # without activity since the second of May: the last day is the second of November
        ("created: 2026-05-02", day(2), []),
        ("created: 2026-05-02", day(3), []),
        ("created: 2026-05-04", day(4), [3]),
        ("created: 2026-05-04", day(5), []),
    ],
)
def test_account_limit(fourth: str, as_of: date, lines: list[int]) -> None:
    created = ("2026-11-02", "2026-11-03", "2026-11-04")
    people = [
        f"- {{email: p{number}@acme.example, name: Person, created: {when}}}\n"
        for number, when in enumerate(created)
    ]
    text = "".join([*people, f"- {{email: p9@acme.example, name: Person, {fourth}}}\n"])
    assert find_lines("account-limit", {"acme/accounts.yml": text}, as_of) == lines


@pytest.mark.parametrize(("first", "then", "lines"), [(3, 2, [3]), (2, 3, [])])
def test_account_limit_of_the_terms_of_the_as_of_date(
    first: int, then: int, lines: list[int]
) -> None:
    person = "- {{email: p{}@acme.example, name: Person, created: 2026-11-02}}\n"
    limits = [TERMS.replace("limit: 3", f"limit: {limit}") for limit in (first, then)]
    files = {
        "acme/accounts.yml": "".join(map(person.format, range(3))),
        "terms.yml": limits[0] + limits[1].replace("2026-01-01", "2026-11-10"),
    }
    assert find_lines("account-limit", files, day(10)) == lines
    assert find_lines("account-limit", files, day(9)) == ([] if lines else [3])


def test_account_limit_without_terms_is_unknown() -> None:
    person = "- {{email: p{}@acme.example, name: Person, created: 2026-11-02}}\n"
    text = "".join(person.format(number) for number in range(9))
    assert find("account-limit", {"acme/accounts.yml": text, "terms.yml": ""}) == []


@pytest.mark.parametrize(
    ("account", "when", "is_found"),
    [
        # the last day is 2026-11-02
        ("", "2026-11-02", False),
        ("", "2026-11-03", True),
        (", reactivated: 2026-11-03", "2026-11-03", False),
        (", reactivated: 2026-11-04", "2026-11-03", True),
        (", last_sign_in: 2026-11-03", "2026-11-03", False),
        (", removed: 2026-11-01", "2026-11-01", False),
        (", removed: 2026-10-31", "2026-11-01", True),
    ],
)
@pytest.mark.parametrize("does", ["opens", "writes"])
def test_account_inactive(account: str, when: str, is_found: bool, does: str) -> None:
    person = "dana@acme.example"
    if does == "opens":
        head = REQUEST.replace("2026-11-02", when).replace("by: alice", f"by: {person}")
        files = write_request(head=head)
    else:
        head = REQUEST.replace("2026-11-02", "2026-04-01") + "history:\n"
        files = write_request(head=f"{head}  - {{by: {person}, date: {when}, note: Hello}}\n")
    files["acme/accounts.yml"] = ACCOUNT % account
    assert find_lines("account-inactive", files) == (
        [] if not is_found else [4] if does == "opens" else [7]
    )


def test_account_inactive_names_the_one_who_wrote() -> None:
    files = write_request("date: 2026-11-04, note: Hello", head=REQUEST)
    head = files["acme/requests/ACME-1.yml"]
    files["acme/requests/ACME-1.yml"] = head + (
        "  - {by: Dana@acme.example, date: 2026-11-05, note: Hello}\n"
    )
    files["acme/accounts.yml"] = ACCOUNT % ""
    [place] = find("account-inactive", files)
    assert place.startswith("acme/requests/ACME-1.yml:8 reactivate it: ")


@pytest.mark.parametrize(
    ("days", "lines"),
    [
        # opened on the second
        ([2, 2, 3], []),
        ([3, 2], [8]),
        ([1], [7]),
        ([1, 1], [7, 8]),
        # what goes back does not move the mark
        ([5, 3, 4, 5], [8, 9]),
    ],
)
def test_history_order(days: list[int], lines: list[int]) -> None:
    events = [f"date: 2026-11-0{number}, note: Hello" for number in days]
    assert find_lines("history-order", write_request(*events)) == lines
