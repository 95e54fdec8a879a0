"""Drafts of what all customers share: consultants and terms of sale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.errors import LedgerError, UnknownNameError
from ledger.models import Consultant, Terms
from ledger.money import fit_amount
from ledger.text import suggest_name
from ledger.writing.draft import Draft, WritingDesk, make_adder


def draft_consultant(desk: WritingDesk, *, handle: str, name: str, emails: Sequence[str]) -> Draft:
    """Draft a new consultant."""
    del desk
    fields = {"handle": handle, "name": name, "emails": emails}
    return Draft(
        {"consultants.yml": make_adder(Consultant, fields)}, handle, f"add consultant {handle}"
    )


def draft_terms(
    desk: WritingDesk,
    first: date,
    prices: Mapping[str, Decimal],
    values: Mapping[str, Any],
    agreement: tuple[str, str] | None,
) -> Draft:
    """Draft terms from a day on: those that would hold on it, with other prices and values.

    ``agreement``: the version and the link of another service agreement.
    """
    before = desk.organization.terms.applying_to(first)
    if before is None:
        raise LedgerError("there are no terms yet", "write the first ones into terms.yml")
    if first == desk.as_of:
        for slug in desk.ledger.slugs:
            if any(
                each.date == first for each in desk.ledger.read_customer(slug).records.purchases
            ):
                message = f"{slug} bought punchcards today, under the terms of {before.effective}"
                raise LedgerError(message, "new terms can hold from tomorrow on")
    if unknown := [key for key in values if key not in Terms.list_fields()]:
        known = f"there are {', '.join(Terms.list_fields())}"
        hint = suggest_name(unknown[0], Terms.list_fields()) or known
        raise UnknownNameError(f"terms have no {unknown[0]!r}", hint)
    prices = {currency: fit_amount(amount, currency) for currency, amount in prices.items()}
    fields = {**before.model_dump(exclude_unset=True), **values}
    fields |= {"effective": first, "price": {**before.price, **prices}}
    if agreement is not None:
        fields["agreement"] = dict(zip(("version", "link"), agreement, strict=True))
    changed = [
        *(f"{amount} {currency} a card" for currency, amount in prices.items()),
        *(f"{key} {'empty' if value is None else value}" for key, value in values.items()),
        *([f"agreement {agreement[0]}"] if agreement else []),
    ]
    says = f"new terms from {first}: {', '.join(changed) or 'as before'}"
    return Draft({"terms.yml": make_adder(Terms, fields)}, first.isoformat(), says)
