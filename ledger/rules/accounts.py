"""Rules about accounts: how many there may be, and what a disabled one cannot do."""

from collections.abc import Iterator

from ledger.balance.portal_life import AccountState
from ledger.errors import Severity
from ledger.models import Account
from ledger.rules.context import Finding, RuleContext
from ledger.text import fold_address


def check_account_limit(context: RuleContext) -> Iterator[Finding]:
    """No more accounts are active than the terms allow, and no address is there twice."""
    seen: dict[str, Account] = {}
    for account in context.records.accounts:
        first = seen.setdefault(fold_address(account.email), account)
        if first is not account:
            place = context.folder.name_place(first, "email", account)
            message = f"the address {account.email} is there already, on {place}"
            hint = "delete one of the two; a removed account comes back with `reactivated:`"
            yield Finding(account, "email", message, hint)
    terms, as_of = context.terms.in_force_on(context.as_of), context.as_of
    active = [
        standing.account
        for standing in context.standings
        if standing.state is AccountState.ACTIVE
        # Whoever is removed today makes room today, though today is their last day.
        and not standing.account.removed == standing.last_day == as_of
    ]
    if terms is None:
        return
    message = f"{len(active)} accounts are active on {as_of}, the terms allow {terms.account_limit}"
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
    for record, key, person, day in context.list_acts():
        if standing := ignored.get((person.casefold(), day)):
            account, last_day = standing.account, standing.ignored[day]
            was = f"{'removed' if account.removed == last_day else 'disabled'}: its last day was"
            message = f"on {day} the account {account.email} had been {was} {last_day}"
            command = f"punchcard account reactivate {context.folder.slug} {account.email}"
            yield Finding(record, key, message, f"reactivate it: `{command}`", Severity.WARNING)
