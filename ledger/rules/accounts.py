"""Rules about accounts: how many there may be, and what a disabled one cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.account_activity import AccountStanding, AccountState
from ledger.errors import Problem, Severity
from ledger.models import Record
from ledger.rules.rule_input import RuleInput


def check_account_limit(given: RuleInput) -> Iterator[Problem]:
    """No more accounts are active than the terms allow, and no address is there twice."""
    yield from _find_repeated_addresses(given)
    terms = given.terms.in_force_on(given.as_of)
    active = [standing.account for standing in given.standings if _counts(given, standing)]
    if terms is None or len(active) <= terms.account_limit:
        return
    newest_last = sorted(active, key=lambda account: account.created)
    for account in newest_last[terms.account_limit :]:
        yield given.folder.make_problem(
            "account-limit",
            account,
            "email",
            f"{len(active)} accounts are active on {given.as_of}, "
            f"the terms allow {terms.account_limit}",
            "remove one first: write `removed:` with a date",
        )


def check_account_inactive(given: RuleInput) -> Iterator[Problem]:
    """A person whose account was disabled or removed does nothing until it is reactivated."""
    ignored = {
        (standing.account.email.casefold(), day): standing
        for standing in given.standings
        for day in standing.ignored
    }
    if not ignored:
        return
    for request in given.records.requests.values():
        if standing := ignored.get((request.opened_by.casefold(), request.opened)):
            yield _warn(given, request, "opened_by", standing)
        for event in request.history:
            if standing := ignored.get((event.by.casefold(), event.date)):
                yield _warn(given, event, "by", standing)


def _counts(given: RuleInput, standing: AccountStanding) -> bool:
    # Whoever is removed today makes room today, though today is their last day.
    removed = standing.account.removed
    is_removed = removed is not None and removed <= given.as_of
    return standing.state is AccountState.ACTIVE and not is_removed


def _find_repeated_addresses(given: RuleInput) -> Iterator[Problem]:
    seen: set[str] = set()
    for account in given.records.accounts:
        address = account.email.casefold()
        if address in seen:
            yield given.folder.make_problem(
                "account-limit",
                account,
                "email",
                f"the address {account.email} is there twice",
                "delete one of the two; a removed account comes back with `reactivated:`",
            )
        seen.add(address)


def _warn(given: RuleInput, record: Record, key: str, standing: AccountStanding) -> Problem:
    email = standing.account.email
    return given.folder.make_problem(
        "account-inactive",
        record,
        key,
        f"the account {email} was not active any more on this day",
        f"reactivate it: `punchcard account reactivate {given.folder.slug} {email}`",
        Severity.WARNING,
    )
