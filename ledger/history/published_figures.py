"""The figures that a publication shows, as a digest that its tag can prove.

Apart from ``publication``, which whoever builds portals asks: to read figures takes the models,
to read tags does not.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.balance.draw_down import draw_down
from ledger.balance.json_values import balance_to_json, statement_to_json
from ledger.balance.statement import select_period
from ledger.balance.summary import summarize_draw_down
from ledger.ledger import Ledger
from ledger.text import compute_digest


def digest_figures(ledger: Ledger, as_of: date) -> str:
    """Return the digest of all balances and statements of a ledger on a date.

    It follows from the figures alone: not from the commit, nor from notes that nobody publishes.
    """
    figures = [_list_figures(ledger, slug, as_of) for slug in ledger.slugs]
    return compute_digest({"as_of": as_of.isoformat(), "customers": figures})


def _list_figures(ledger: Ledger, slug: str, as_of: date) -> dict[str, Any]:
    records, terms = ledger.read_customer(slug).records, ledger.organization.terms
    drawn = draw_down(records, terms, as_of)
    balance = summarize_draw_down(records, terms, drawn)
    return {
        "balance": balance_to_json(balance, revision=None),
        "statement": statement_to_json(select_period(drawn, slug), revision=None),
    }
