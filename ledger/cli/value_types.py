"""Values that people type: durations and amounts of money."""

from __future__ import annotations

import re
from decimal import Decimal

import click

from ledger.duration import parse_duration

_MONEY = re.compile(r"(0|[1-9][0-9]{0,11})([.][0-9]{2})?")


class DurationType(click.ParamType[int]):
    """Minutes, written like 45m, 1h15m, 1:15, 1.25h or 75."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the minutes that ``value`` means."""
        if isinstance(value, int):
            return value
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class MoneyType(click.ParamType[Decimal]):
    """An amount in the customer's currency, written like 2000 or 2000.00."""

    name = "amount"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the amount that ``value`` says."""
        if isinstance(value, Decimal):
            return value
        text = str(value)
        if not _MONEY.fullmatch(text):
            self.fail(f"{text!r} is not an amount; write it like 2000 or 2000.00", param, ctx)
        return Decimal(text)


DURATION = DurationType()
MONEY = MoneyType()
