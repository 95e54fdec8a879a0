"""Names of the people who appear for one customer."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.customer_records import CustomerRecords
from ledger.models import Consultant


class People:
    """Names of those who appear for one customer; nobody else's name is ever asked for."""

    def __init__(self, records: CustomerRecords, consultants: Iterable[Consultant]) -> None:
        self._consultants = {person.handle: person.name for person in consultants}
        self._accounts = {person.email.casefold(): person.name for person in records.accounts}

    def is_consultant(self, who: str) -> bool:
        """Whether it is one of the provider's."""
        return who in self._consultants

    def name(self, who: str) -> str:
        """Return the name of a consultant or account; of anybody else, the address as it is."""
        return self._consultants.get(who) or self._accounts.get(who.casefold(), who)
