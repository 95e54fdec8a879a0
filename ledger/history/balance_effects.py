"""What a change of the files does to customers' balances: before and after, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    compared = compare_files(repository, commit, head.files)
    places = _list_places(compared.paths)
    files = repository.open_commit(commit, head.files.prefix, places)
    base = Ledger(files, files.list_files(), repository, head.root)
    return find_balance_effects(base, head.select(places), compared.paths, as_of)


def find_balance_effects(
    base: Ledger, head: Ledger, changed_paths: Iterable[str], as_of: date
) -> tuple[BalanceEffect, ...]:
    """Return the balances of the customers that files at ``changed_paths`` have a say in."""
    slugs = _list_touched(base, head, changed_paths)
    return tuple(
        BalanceEffect(slug, _compute(base, slug, as_of), _compute(head, slug, as_of))
        for slug in slugs
    )


def _list_places(paths: Iterable[str]) -> tuple[str, ...]:
    """Return what to read for the customers that files at ``paths`` have a say in; all if empty."""
    places = [place for path in paths if isinstance(place := place_file(path), Place)]
    if any(place.kind == "terms" for place in places):
        return ()
    slugs = {place.customer for place in places if place.customer is not None}
    return (*ORGANIZATION_PLACES, *sorted(slugs))


def _list_touched(base: Ledger, head: Ledger, paths: Iterable[str]) -> Sequence[str]:
    places = [place for path in paths if isinstance(place := place_file(path), Place)]
    if any(place.kind == "terms" for place in places):
        return sorted({*base.slugs, *head.slugs})
    return sorted({place.customer for place in places if place.customer is not None})


def _compute(ledger: Ledger, slug: str, as_of: date) -> Balance | None:
    if slug not in ledger.slugs:
        return None
    return compute_balance(ledger.read_customer(slug).records, ledger.organization.terms, as_of)
