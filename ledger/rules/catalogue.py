"""What finds what breaks each rule; ``explanations.toml`` has all rules, and the words.

A rule without a function here is found elsewhere: while the files are read, because what is no
YAML never becomes a record that a function could look at; or by comparing two revisions.
"""

from collections.abc import Callable, Iterator, Mapping

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


def find_problems(context: RuleContext, *, includes_future: bool) -> Iterator[Problem]:
    """Yield what is wrong with a customer's folder; dates in the future only if told so."""
    yield from context.folder.problems
    for name, find in RULES.items():
        if includes_future or find is not records.check_future_date:
            yield from (context.folder.make_problem(name, *found) for found in find(context))


def _check_values(context: RuleContext) -> Iterator[Finding]:
    yield from purchases.check_digits(context)
    yield from references.check_categories(context)


RULES: Mapping[str, Callable[[RuleContext], Iterator[Finding]]] = {
    "schema": _check_values,
    "file-name": records.check_file_name,
    "unique-id": records.check_unique_id,
    "unknown-reference": references.check_unknown_reference,
    "time-increment": time_entries.check_time_increment,
    "entry-file": time_entries.check_entry_file,
    "future-date": records.check_future_date,
    "before-request": time_entries.check_before_request,
    "consultant-inactive": time_entries.check_consultant_inactive,
    "overdrawn": purchases.check_overdrawn,
    "correction": time_entries.check_correction,
    "refund": purchases.check_refund,
    "purchase-amount": purchases.check_purchase_amount,
    "licence-in-purchase": purchases.check_price_note,
    "support-charged": time_entries.check_support_charged,
    "support-entitlement": time_entries.check_support_entitlement,
    "account-limit": accounts.check_account_limit,
    "account-inactive": accounts.check_account_inactive,
    "portal-closed": purchases.check_portal_closed,
    "duplicate": across_customers.check_duplicate,
    "untriaged": requests.check_untriaged,
    "over-estimate": requests.check_over_estimate,
    "history-order": requests.check_history_order,
}
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
