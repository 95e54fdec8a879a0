"""A new customer to be written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.models import LicenceType
from ledger.reading.file_layout import is_slug, record_path
from ledger.reading.yaml_source import parse_yaml
from ledger.reading.yaml_text import YamlSyntaxError
from ledger.text import suggest_name
from ledger.writing.changed_files import read_file
from ledger.writing.draft import Draft, WritingDesk
from ledger.writing.field_text import Fields
from ledger.writing.yaml_edit import UneditableError, make_file


class NewLicence(NamedTuple):
    """A product licence; without ``until`` it has no end."""

    product: str
    type: str
    until: date | None


class NewCustomer(NamedTuple):
    """A customer as somebody asks for it."""

    slug: str
    name: str
    key: str
    currency: str
    licences: Sequence[NewLicence] = ()


def draft_customer(desk: WritingDesk, new: NewCustomer) -> Draft:
    """Draft a new customer's folder.

    Raises:
        LedgerError: the name or the key is taken, or can be nobody's.
    """
    if not is_slug(new.slug):
        raise LedgerError(
            f"{new.slug!r} is no name for a customer's folder",
            "use up to 39 of a-z, 0-9 and -, beginning with a letter or digit",
        )
    if new.slug in desk.ledger.slugs:
        raise LedgerError(f"there is a customer {new.slug} already")
    _refuse_taken_key(desk, new.key)
    fields: Fields = {
        "name": new.name,
        "key": new.key,
        "currency": _check_currency(desk, new.currency),
        "licences": [_list_fields(licence) for licence in new.licences] or None,
    }
    path = record_path(new.slug, "customer")
    return Draft(path, partial(_make_new, fields), new.slug, f"add customer {new.name}")


def _make_new(fields: Fields, before: bytes | None) -> bytes:
    if before is not None:
        raise UneditableError("there is such a customer already")
    return make_file(fields)


def _list_fields(licence: NewLicence) -> dict[str, str | date]:
    fields = {
        "product": licence.product,
        "type": LicenceType(licence.type),
        "until": licence.until,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _refuse_taken_key(desk: WritingDesk, key: str) -> None:
    for slug in desk.ledger.slugs:
        try:
            customer = parse_yaml(read_file(desk.ledger, record_path(slug, "customer")) or b"")
        except (OSError, YamlSyntaxError):
            continue
        if isinstance(customer, dict) and customer.get("key") == key:
            raise LedgerError(f"the key {key} is {slug}'s already", "choose another one")


def _check_currency(desk: WritingDesk, currency: str) -> str:
    terms = desk.organization.terms.in_force_on(desk.as_of)
    if terms is not None and currency not in terms.price:
        hint = suggest_name(currency, terms.price) or f"prices: {', '.join(terms.price)}"
        raise LedgerError(f"the terms have no price in {currency}", hint)
    return currency
