"""Who sent a request by e-mail: an active account of exactly one customer, or it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.errors import LedgerError
from ledger.figures.account_activity import AccountState, find_account_standings
from ledger.loader import Ledger
from ledger.reading.file_layout import record_path


def find_sender(ledger: Ledger, address: str, customer: str | None, as_of: date) -> tuple[str, str]:
    """Return the customer, and the account's address as the ledger has it.

    Args:
        ledger: all customers.
        address: the sender's, in any case.
        customer: the customer it must be; any if None.
        as_of: the day on which the account must be active.

    Raises:
        LedgerError: it is nobody's active account, or that of several customers.
    """
    active: list[tuple[str, str]] = []
    states: list[str] = []
    for slug in _list_candidates(ledger, address):
        for email, state in _list_accounts(ledger, slug, address, as_of):
            states.append(f"{state} at {slug}")
            if state is AccountState.ACTIVE:
                active.append((slug, email))
    if len(active) != 1:
        raise _refuse(address, active, states)
    if customer is not None and active[0][0] != customer:
        raise LedgerError(f"{address} is an account of {active[0][0]}, not of {customer}")
    return active[0]


def _list_candidates(ledger: Ledger, address: str) -> Iterator[str]:
    """Yield the customers whose accounts name the address, without reading all they have."""
    wanted = address.casefold()
    for slug in ledger.slugs:
        try:
            accounts = ledger.files.read(record_path(slug, "accounts"))
        except OSError:
            continue
        if wanted in accounts.decode("utf-8", "replace").casefold():
            yield slug


def _list_accounts(
    ledger: Ledger, slug: str, address: str, as_of: date
) -> Iterator[tuple[str, AccountState]]:
    records = ledger.read_customer(slug).records
    for standing in find_account_standings(records, ledger.organization.terms, as_of):
        if standing.account.is_known_as(address):
            yield standing.account.email, standing.state


def _refuse(address: str, active: list[tuple[str, str]], states: list[str]) -> LedgerError:
    if active:
        slugs = ", ".join(slug for slug, _email in active)
        hint = f"open it by hand, with the customer: one of {slugs}"
        return LedgerError(f"{address} is an active account of several customers", hint)
    if states:
        hint = "punchcard account reactivate lets them in again"
        return LedgerError(f"{address} is no active account: {', '.join(states)}", hint)
    return LedgerError(f"{address} is nobody's account", "add it with punchcard account add")
