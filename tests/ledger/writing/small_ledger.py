"""A small ledger that the writing commands are tried on."""

from pathlib import Path

from tests.conftest import write_files

AS_OF = "2026-06-30"

ORGANIZATION = {
    "customers/provider.yml": """\
name: Example Tools
timezone: Etc/UTC
published_on: monday
contacts:
  requests: help@tools.example
  sales: sales@tools.example
  support: https://support.tools.example
links: {agreement: https://tools.example/terms, marketplace: https://marketplace.example}
""",
    "customers/terms.yml": """\
- effective: 2026-01-01
  punchcard_minutes: 300
  increment_minutes: 15
  price: {USD: 1000.00, EUR: 950.00}
  account_limit: 3
  account_inactivity_months: 6
  portal_retention_months: 12
  punchcard_validity_months:
  overdraft_minutes: 0
  low_balance_minutes: 60
""",
    "customers/consultants.yml": """\
- {handle: alice, name: Alice Moreau, emails: [alice@example.com]}
- {handle: ben, name: Ben Okafor, emails: [ben@example.com]}
- {handle: zoe, name: Zoë Lindqvist, emails: [zoe@example.com], until: 2026-03-31}
""",
}

CUSTOMER = {
    "customers/acme/customer.yml": """\
name: Acme Robotics
key: ACME
currency: USD
licences:
  - {product: Trace, type: commercial}
""",
    "customers/acme/accounts.yml": """\
# Three at most.
- email: dana@acme.example
  name: Dana Whitfield   # the team lead
  created: 2026-01-12
""",
    "customers/acme/purchases.yml": """\
- id: P1
  date: 2026-01-12
  punchcards: 2
  amount: 2000.00
""",
    "customers/acme/requests/ACME-1.yml": """\
title: Single sign-on
category: product-configuration
opened: 2026-01-13
opened_by: dana@acme.example
channel: punchcard
""",
    "customers/acme/time/2026-06-alice.yml": """\
# June
- id: 03-1
  date: 2026-06-03
  request: ACME-1
  minutes: 45
  note: Kick-off.   # by phone
""",
}


def write_small_ledger(root: Path) -> Path:
    """Write the ledger below ``root``."""
    return write_files(root, {**ORGANIZATION, **CUSTOMER})
