"""Rules about accounts: how many there may be, and what a disabled one cannot do."""

from collections.abc import Iterator
from datetime import date

from ledger.balance.portal_life import AccountStanding, AccountState
from ledger.errors import Severity
from ledger.models import Account, Record
from ledger.rules.context import Finding, RuleContext
from ledger.text import fold_address


def check_account_limit(context: RuleContext) -> Iterator[Finding]:
    """No more accounts are active than the terms allow, and no address is there twice."""
    yield from _find_repeated_addresses(context)
    terms = context.terms.in_force_on(context.as_of)
    active = [each.account for each in context.standings if _counts(context, each)]
    if terms is None or len(active) <= terms.account_limit:
        return
    message = (
        f"{len(active)} accounts are active on {context.as_of}, "
        f"the terms allow {terms.account_limit}"
    )
    hint = "give an account that is not needed any more a `removed:` date"
    newest_last = sorted(active, key=lambda account: account.created)
    for account in newest_last[terms.account_limit :]:
        yield Finding(account, "email", message, hint)


def check_account_inactive(context: RuleContext) -> Iterator[Finding]:
    """A person whose account was disabled or removed does nothing until it is reactivated."""
    ignored = {
        (standing.account.email.casefold(), day): standing
        for standing in context.standings
        for day in standing.ignored
    }
    for request in context.records.requests.values():
        if standing := ignored.get((request.opened_by.casefold(), request.opened)):
            yield _warn(context, request, "opened_by", standing, request.opened)
        for event in request.history:
            if standing := ignored.get((event.by.casefold(), event.date)):
                yield _warn(context, event, "by", standing, event.date)


def _counts(context: RuleContext, standing: AccountStanding) -> bool:
    # Whoever is removed today makes room today, though today is their last day.
    removed = standing.account.removed
    is_removed = removed is not None and removed <= context.as_of and removed == standing.last_day
    return standing.state is AccountState.ACTIVE and not is_removed


def _find_repeated_addresses(context: RuleContext) -> Iterator[Finding]:
    seen: dict[str, Account] = {}
    for account in context.records.accounts:
        first = seen.setdefault(fold_address(account.email), account)
        if first is not account:
            place = context.folder.name_place(first, "email", account)
            message = f"the address {account.email} is there already, on {place}"
            hint = "delete one of the two; a removed account comes back with `reactivated:`"
            yield Finding(account, "email", message, hint)


def _warn(
    context: RuleContext, record: Record, key: str, standing: AccountStanding, day: date
) -> Finding:
    account, last_day = standing.account, standing.ignored[day]
    was = "removed" if account.removed == last_day else "disabled"
    message = f"on {day} the account {account.email} had been {was}: its last day was {last_day}"
    command = f"punchcard account reactivate {context.folder.slug} {account.email}"
    return Finding(record, key, message, f"reactivate it: `{command}`", Severity.WARNING)
