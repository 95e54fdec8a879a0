"""All rules, in the order in which they are listed to people; ``explanations.toml`` has the words.

A rule without a function here is found elsewhere: while the files are read, because what is no
YAML never becomes a record that a function could look at; or by comparing two revisions.
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
    """A rule: its name, and the function that finds who breaks it.

    Attributes:
        is_for_check_alone: commands that compute leave such records out and say nothing.
    """

    name: str
    find_problems: RuleFunction | None = None
    is_for_check_alone: bool = False


RULES: tuple[Rule, ...] = (
    Rule("yaml-syntax"),
    Rule("schema"),
    Rule("file-name", check_file_name),
    Rule("unique-id", check_unique_id),
    Rule("unknown-reference", check_unknown_reference),
    Rule("time-increment", check_time_increment),
    Rule("entry-file", check_entry_file),
    Rule("future-date", check_future_date, is_for_check_alone=True),
    Rule("before-request", check_before_request),
    Rule("consultant-inactive", check_consultant_inactive),
    Rule("overdrawn", check_overdrawn),
    Rule("correction", check_correction),
    Rule("refund", check_refund),
    Rule("purchase-amount", check_purchase_amount),
    Rule("licence-in-purchase"),
    Rule("support-charged", check_support_charged),
    Rule("support-entitlement", check_support_entitlement),
    Rule("account-limit", check_account_limit),
    Rule("account-inactive", check_account_inactive),
    Rule("portal-closed", check_portal_closed),
    Rule("history-order", check_history_order),
    Rule("changed-history"),
    Rule("author-mismatch"),
)

RULE_NAMES = tuple(rule.name for rule in RULES)
