"""Rules about accounts: how many there may be, and what a disabled one cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.errors import Problem, Severity
from ledger.figures.account_activity import AccountStanding, AccountState, find_account_standings
from ledger.models import Account, Record
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
            "give an account that is not needed any more a `removed:` date",
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
            yield _warn(given, request, "opened_by", standing, request.opened)
        for event in request.history:
            if standing := ignored.get((event.by.casefold(), event.date)):
                yield _warn(given, event, "by", standing, event.date)


def _counts(given: RuleInput, standing: AccountStanding) -> bool:
    # Whoever is removed today makes room today, though today is their last day.
    removed = standing.account.removed
    is_removed = removed is not None and removed <= given.as_of and removed == standing.last_day
    return standing.state is AccountState.ACTIVE and not is_removed


def _find_standing_on(given: RuleInput, account: Account, day: date) -> AccountStanding:
    standings = find_account_standings(given.records, given.terms, day)
    return next(standing for standing in standings if standing.account is account)


def _find_repeated_addresses(given: RuleInput) -> Iterator[Problem]:
    seen: dict[str, Account] = {}
    for account in given.records.accounts:
        first = seen.setdefault(account.email.casefold(), account)
        if first is not account:
            yield given.folder.make_problem(
                "account-limit",
                account,
                "email",
                f"the address {account.email} is there already, on "
                f"{given.folder.name_place(first, 'email', account)}",
                "delete one of the two; a removed account comes back with `reactivated:`",
            )


def _warn(
    given: RuleInput, record: Record, key: str, standing: AccountStanding, day: date
) -> Problem:
    account = standing.account
    email = account.email
    before = _find_standing_on(given, account, day)
    was = "removed" if account.removed == before.last_day else "disabled"
    return given.folder.make_problem(
        "account-inactive",
        record,
        key,
        f"on {day} the account {email} had been {was}: its last day was {before.last_day}",
        f"reactivate it: `punchcard account reactivate {given.folder.slug} {email}`",
        Severity.WARNING,
    )
