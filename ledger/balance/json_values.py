"""Figures and records as other programs read them, and the digest of a statement.

Minutes are whole numbers, money is text with two decimals, dates are ISO, missing is None.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import product
from operator import attrgetter
from typing import Any

from ledger.balance.statement import Statement
from ledger.models import Record
from ledger.money import format_amount
from ledger.text import add_digest

LATER_KEYS = (("currency", "invoice", "value", "signed_amount"), ("purchase_order", "agreement"))
"""What statements did not say at first: keys that came together, the oldest first."""


MONEY_KEYS = ("amount", "value", "signed_amount")
"""What a statement does not say where portals show no money."""


def to_json(value: Any, currency: str = "") -> Any:  # noqa: PLR0911  # one a type
    """Return a value as JSON data: a record or a dataclass is an object with its fields in order.

    Those of ``JSON_FIELDS``, if the class has them. Money has the decimals of the ``currency``, or
    of the one that the value names itself. What has a ``to_json`` knows better.
    """
    match value:
        case None | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case Decimal():
            return format_amount(value, currency)
        case date():
            return value.isoformat()
        case _ if hasattr(value, "to_json"):
            return value.to_json()
        case tuple() | list():
            return [to_json(item, currency) for item in value]
        case dict():
            return {key: to_json(item, currency) for key, item in value.items()}
        case Record():
            names = [*type(value).model_fields]
        case _:
            names = getattr(value, "JSON_FIELDS", None) or [field.name for field in fields(value)]
    return select_fields(value, *names, currency=getattr(value, "currency", currency))


def select_fields(value: Any, *names: str, currency: str = "") -> dict[str, Any]:
    """Return some fields of a value as a JSON object; ``request.title`` bears its last name.

    A field like ``from_`` bears its name without the underscore.
    """
    return {key: to_json(get(value), currency) for key, get in _make_getters(names)}


@cache
def _make_getters(names: tuple[str, ...]) -> list[tuple[str, Callable[[Any], Any]]]:
    return [(name.rpartition(".")[2].rstrip("_"), attrgetter(name)) for name in names]


def statement_to_json(
    statement: Statement,
    revision: str | None,
    commits: Mapping[str, str | None] | None = None,
    *,
    left_out: Collection[str] = (),
) -> dict[str, Any]:
    """Return a statement with its digest; ``from`` is None if it goes back to the beginning.

    ``commits`` are those that brought each movement, by its reference, to be named in it. Keys
    that are ``left_out`` are those of ``LATER_KEYS`` that an earlier statement does not have, or
    ``MONEY_KEYS``.
    """
    answer: dict[str, Any] = to_json(replace(statement, revision=revision))
    for each, key in product((answer, *answer["movements"]), left_out):
        each.pop(key, None)
    if commits is not None:
        for movement in answer["movements"]:
            movement["commit"] = commits.get(movement["reference"])
    return add_digest(answer)
