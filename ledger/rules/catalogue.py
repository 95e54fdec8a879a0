"""All rules, in the order in which they are listed to people.

A rule without a function here is found while the files are read: what is no YAML never becomes a
record that a function could look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ledger.errors import Problem
from ledger.rules.accounts import check_account_inactive, check_account_limit
from ledger.rules.chronology import check_future_date, check_history_order
from ledger.rules.coverage import check_overdrawn, check_portal_closed
from ledger.rules.identity import check_file_name, check_unique_id
from ledger.rules.money import check_purchase_amount, check_refund
from ledger.rules.references import check_unknown_reference
from ledger.rules.rule_input import RuleInput
from ledger.rules.time_entries import (
    check_before_request,
    check_consultant_inactive,
    check_correction,
    check_entry_file,
    check_support_charged,
    check_support_entitlement,
    check_time_increment,
)

RuleFunction = Callable[[RuleInput], Iterator[Problem]]


class Rule(NamedTuple):
    """A rule: its name, what it says, and the function that finds who breaks it.

    Attributes:
        is_for_check_alone: commands that compute leave such records out and say nothing.
    """

    name: str
    says: str
    find_problems: RuleFunction | None = None
    is_for_check_alone: bool = False


RULES: tuple[Rule, ...] = (
    Rule(
        "yaml-syntax",
        "not YAML, not UTF-8, conflict markers, tabs, duplicate key, anchor, alias, tag, "
        "second document, more than 256 KiB, deeper than 20",
    ),
    Rule("schema", "unknown key, missing key, wrong type or value"),
    Rule(
        "file-name",
        "a file or folder that is not where it belongs, a symbolic link, names that differ only "
        "in case",
        check_file_name,
    ),
    Rule("unique-id", "an id used twice", check_unique_id),
    Rule(
        "unknown-reference",
        "a request, purchase, entry, consultant or account that does not exist",
        check_unknown_reference,
    ),
    Rule(
        "time-increment",
        "minutes that are not a multiple of the increment, or not of the right sign",
        check_time_increment,
    ),
    Rule("entry-file", "an entry's month is not its file's", check_entry_file),
    Rule("future-date", "dated after the as-of date", check_future_date, is_for_check_alone=True),
    Rule(
        "before-request",
        "time on a request before it was opened, or after it was closed",
        check_before_request,
    ),
    Rule("consultant-inactive", "time after the consultant's last day", check_consultant_inactive),
    Rule(
        "overdrawn",
        "the balance is below what the terms allow; said at each entry that is still uncovered",
        check_overdrawn,
    ),
    Rule(
        "correction",
        "no or wrong `corrects`, more than is left of the entry, another request, dated before "
        "the entry",
        check_correction,
    ),
    Rule("refund", "more than is unused on the purchase, or dated before it", check_refund),
    Rule("purchase-amount", "not cards × list price, and no `price_note`", check_purchase_amount),
    Rule(
        "licence-in-purchase",
        "a licence or product in a purchase: licences are bought through the marketplace",
    ),
    Rule(
        "support-charged",
        "an entry in the support channel names a charged category and is not wholly corrected",
        check_support_charged,
    ),
    Rule(
        "support-entitlement",
        "technical support for a customer with no commercial or academic licence (warning)",
        check_support_entitlement,
    ),
    Rule(
        "account-limit",
        "more active accounts than the terms allow; the same address twice",
        check_account_limit,
    ),
    Rule(
        "account-inactive",
        "an account does something after it was disabled or removed (warning)",
        check_account_inactive,
    ),
    Rule(
        "portal-closed",
        "charged time or requests after the portal's last day as it was then",
        check_portal_closed,
    ),
    Rule("history-order", "a request's events go back in time", check_history_order),
)

RULE_NAMES = tuple(rule.name for rule in RULES)
