"""Values that people type: dates, durations, amounts of money, names of rules, and fixed words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import click
from click.shell_completion import CompletionItem

from ledger.duration import parse_duration
from ledger.text import suggest_name

# The words that options choose from are those of ``ledger.models``. They are written out here so
# that help and completion need not import pydantic; a test compares the two.
CHARGED_CATEGORIES = (
    "onboarding",
    "proof-of-concept",
    "product-training",
    "product-configuration",
    "methodology-coaching",
    "detailed-qa",
    "system-access",
)
CATEGORIES = (*CHARGED_CATEGORIES, "technical-support")
STATUSES = ("open", "in-progress", "waiting-for-customer", "resolved", "closed")
CHANNELS = ("punchcard", "support")
LICENCE_TYPES = ("commercial", "academic", "evaluation")
ROUNDINGS = ("up", "down", "nearest")

_MONEY = re.compile(r"(0|[1-9][0-9]{0,11})([.][0-9]{2})?")


class DayType(click.ParamType[date]):
    """A date, written YYYY-MM-DD."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the date that ``value`` says."""
        if isinstance(value, date):
            return value
        text = str(value)
        try:
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fail(f"{text!r} is not a date; write it as YYYY-MM-DD", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what help shows for a value."""
        del param, ctx
        return "DATE"


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


class RuleNameType(click.ParamType[str]):
    """The name of a rule."""

    name = "rule"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the name if there is such a rule."""
        from ledger.rules.explain import load_rule_texts

        name, names = str(value), load_rule_texts()
        if name not in names:
            hint = suggest_name(name, names) or "`punchcard explain` lists them"
            self.fail(f"there is no rule {name!r}; {hint}", param, ctx)
        return name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so, with what the rules say."""
        from ledger.rules.explain import load_rule_texts

        del ctx, param
        return [
            CompletionItem(rule.name, help=rule.says)
            for rule in load_rule_texts().values()
            if rule.name.startswith(incomplete)
        ]


DAY, DURATION, MONEY, RULE = DayType(), DurationType(), MoneyType(), RuleNameType()
