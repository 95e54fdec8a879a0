"""What a change of the files does to customers' balances: before and after, side by side."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ledger.balance.summary import Balance, compute_balance
from ledger.errors import LedgerError
from ledger.files.layout import Place, place_file
from ledger.history.comparison import compare_files
from ledger.ledger import ORGANIZATION_PLACES, Ledger


class BalanceEffect(NamedTuple):
    """A customer's balance before and after; None where there is no such customer."""

    customer: str
    before: Balance | None
    after: Balance | None

    @property
    def minutes(self) -> int:
        """By how much the balance is another one."""
        sides = (self.after, self.before)
        after, before = (0 if side is None else side.balance_minutes for side in sides)
        return after - before


def find_effects_since(head: Ledger, commit: str, as_of: date) -> tuple[BalanceEffect, ...]:
    """Return the balances of the customers whose files, or terms, differ from a commit's.

    Raises:
        LedgerError: the ledger is in no repository.
    """
    repository = head.repository
    if repository is None:
        raise LedgerError("the ledger is in no Git repository, so it has no earlier state")
    paths = compare_files(repository, commit, head.files).paths
    changed = [place for path in paths if isinstance(place := place_file(path), Place)]
    slugs = {place.customer for place in changed if place.customer is not None}
    is_for_all = any(place.kind == "terms" for place in changed)
    places = () if is_for_all else (*ORGANIZATION_PLACES, *sorted(slugs))
    files = repository.open_commit(commit, head.files.prefix, places)
    base = Ledger(files, files.list_files(), repository, head.root)
    chosen = head.select(places)
    return tuple(
        BalanceEffect(slug, _compute(base, slug, as_of), _compute(chosen, slug, as_of))
        for slug in sorted({*base.slugs, *chosen.slugs} if is_for_all else slugs)
    )


def _compute(ledger: Ledger, slug: str, as_of: date) -> Balance | None:
    if slug not in ledger.slugs:
        return None
    return compute_balance(ledger.read_customer(slug).records, ledger.organization.terms, as_of)
