"""Draft of a new customer; what cannot be drafted is a ``LedgerError``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledger.errors import LedgerError
from ledger.files.layout import is_slug, record_path
from ledger.files.yaml import YamlSyntaxError, parse_yaml
from ledger.models import Customer
from ledger.models.customer import Licence
from ledger.text import suggest_name
from ledger.writing.draft import Draft, WritingDesk, make_creator, order_fields
from ledger.writing.field_text import Field


def draft_customer(
    desk: WritingDesk,
    slug: str,
    *,
    name: str,
    key: str,
    currency: str,
    licences: Sequence[Mapping[str, Field | None]] = (),
    **fields: Field | None,
) -> Draft:
    """Draft a new customer's folder."""
    if not is_slug(slug):
        raise LedgerError(
            f"{slug!r} is no name for a customer's folder",
            "use up to 39 of a-z, 0-9 and -, beginning with a letter or digit",
        )
    if slug in desk.ledger.slugs:
        raise LedgerError(f"there is a customer {slug} already")
    _refuse_taken_key(desk, key)
    terms = desk.organization.terms.in_force_on(desk.as_of)
    if terms is not None and currency not in terms.price:
        hint = suggest_name(currency, terms.price) or f"prices: {', '.join(terms.price)}"
        raise LedgerError(f"the terms have no price in {currency}", hint)
    held = [order_fields(Licence, licence) for licence in licences] or None
    fields = {**fields, "name": name, "key": key, "currency": currency, "licences": held}
    edit = make_creator(Customer, fields, "customer")
    return Draft({record_path(slug, "customer"): edit}, slug, f"add customer {name}")


def _refuse_taken_key(desk: WritingDesk, key: str) -> None:
    for slug in desk.ledger.slugs:
        try:
            customer = parse_yaml(desk.ledger.files.read(record_path(slug, "customer")))
        except (OSError, YamlSyntaxError):
            continue
        if isinstance(customer, dict) and customer.get("key") == key:
            raise LedgerError(f"the key {key} is {slug}'s already", "choose another one")
