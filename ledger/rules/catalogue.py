"""All rules, in the order in which they are listed to people; ``explanations.toml`` has the words.

A rule without a function here is found elsewhere: while the files are read, because what is no
YAML never becomes a record that a function could look at; or by comparing two revisions.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ledger.errors import Problem
from ledger.files.reader import CustomerFolder, Organization
from ledger.rules import (
    accounts,
    across_customers,
    organization,
    purchases,
    records,
    references,
    requests,
    time_entries,
)
from ledger.rules.context import Finding, RuleContext


class Rule(NamedTuple):
    """A rule: its name, and the function that finds what breaks it."""

    name: str
    find: Callable[[RuleContext], Iterator[Finding]] | None = None


def find_problems(context: RuleContext, *, includes_future: bool) -> Iterator[Problem]:
    """Yield what is wrong with a customer's folder; dates in the future only if told so."""
    yield from context.folder.problems
    for name, find in RULES:
        if find is not None and (includes_future or find is not records.check_future_date):
            yield from (context.folder.make_problem(name, *found) for found in find(context))


def _check_values(context: RuleContext) -> Iterator[Finding]:
    yield from purchases.check_digits(context)
    yield from references.check_categories(context)


RULES: tuple[Rule, ...] = (
    Rule("yaml-syntax"),
    Rule("schema", _check_values),
    Rule("file-name", records.check_file_name),
    Rule("unique-id", records.check_unique_id),
    Rule("unknown-reference", references.check_unknown_reference),
    Rule("time-increment", time_entries.check_time_increment),
    Rule("entry-file", time_entries.check_entry_file),
    Rule("future-date", records.check_future_date),
    Rule("before-request", time_entries.check_before_request),
    Rule("consultant-inactive", time_entries.check_consultant_inactive),
    Rule("overdrawn", purchases.check_overdrawn),
    Rule("correction", time_entries.check_correction),
    Rule("refund", purchases.check_refund),
    Rule("purchase-amount", purchases.check_purchase_amount),
    Rule("licence-in-purchase", purchases.check_price_note),
    Rule("support-charged", time_entries.check_support_charged),
    Rule("support-entitlement", time_entries.check_support_entitlement),
    Rule("account-limit", accounts.check_account_limit),
    Rule("account-inactive", accounts.check_account_inactive),
    Rule("portal-closed", purchases.check_portal_closed),
    Rule("lost-text"),
    Rule("duplicate", across_customers.check_duplicate),
    Rule("long-day"),
    Rule("untriaged", requests.check_untriaged),
    Rule("over-estimate", requests.check_over_estimate),
    Rule("placeholder"),
    Rule("brand"),
    Rule("history-order", requests.check_history_order),
    Rule("changed-history"),
    Rule("author-mismatch"),
)
RULE_NAMES = tuple(rule.name for rule in RULES)


_OF_ORGANIZATION = {
    "unique-id": organization.find_repeated_consultants,
    "placeholder": organization.find_placeholders,
    "brand": organization.find_unusable_files,
}


def check_organization(read: Organization, *rules: str) -> Iterator[Problem]:
    """Yield what breaks some rules about the organization's files."""
    for rule in rules:
        yield from (read.make_problem(rule, *found) for found in _OF_ORGANIZATION[rule](read))


def check_unique_key(folder: CustomerFolder, owners: Mapping[str, str]) -> Iterator[Problem]:
    """Yield that a customer's key is another's; ``owners`` are names of folders by key."""
    customer = folder.records.customer
    if owner := owners.get(customer.key):
        message, hint = f"the key {customer.key} is {owner}'s already", "choose another key"
        yield folder.make_problem("unique-id", customer, "key", message, hint)


def check_shared(
    facts: Mapping[str, across_customers.SharedFacts], make_context: Callable[[str], RuleContext]
) -> Iterator[Problem]:
    """Yield what is there twice, or too much, over all customers, by slug."""
    for rule, folder, found in across_customers.find_shared(facts, make_context):
        yield folder.make_problem(rule, *found)
