"""Small ledgers, written as files: two customers whose words must never meet."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

PROVIDER = """\
    name: Example Tools
    timezone: Europe/Berlin
    published_on: monday
    contacts:
      requests: help@provider.example
      sales: sales@provider.example
      support: https://support.provider.example
    links: {agreement: https://provider.example/agreement, marketplace: https://market.example}
    """
TERMS = """\
    - effective: 2024-01-01
      punchcard_minutes: 300
      increment_minutes: 15
      price: {USD: 1000.00, EUR: 950.00}
      account_limit: 3
      account_inactivity_months: 6
      portal_retention_months: 12
      punchcard_validity_months:
      overdraft_minutes: 300
      low_balance_minutes: 60
    """
CONSULTANTS = """\
    - {handle: alice, name: Alice Moreau, emails: [alice@provider.example]}
    - {handle: ben, name: Ben Okafor, emails: [ben@provider.example]}
    """
ORGANIZATION = {"provider.yml": PROVIDER, "terms.yml": TERMS, "consultants.yml": CONSULTANTS}


def make_customer(slug: str, key: str, mark: str, consultant: str = "alice") -> dict[str, str]:
    """Return the files of a customer; every free text of it holds ``mark``."""
    return {
        f"{slug}/customer.yml": f"""\
            name: Customer {mark}
            key: {key}
            currency: USD
            licences:
              - {{product: Product {mark}, type: commercial, until: 2027-03-31}}
            services:
              - {{name: Service {mark}, started: 2026-02-01, completed: 2026-03-01}}
            """,
        f"{slug}/accounts.yml": f"""\
            - email: {mark}@customer.example
              name: Person {mark}
              created: 2026-01-12
              key_hash: {"$2y$05$" + f"SecretHash{mark}".ljust(53, ".")}
            """,
        f"{slug}/purchases.yml": f"""\
            - {{id: P1, date: 2026-01-12, punchcards: 2, amount: 2000.00, invoice: INV-{mark}}}
            """,
        f"{slug}/adjustments.yml": f"""\
            - {{id: A1, type: goodwill, date: 2026-02-02, minutes: 60, reason: Sorry {mark}}}
            - id: A2
              type: refund
              date: 2026-05-04
              purchase: P1
              minutes: 30
              amount: 100.00
              reason: Back {mark}
            """,
        f"{slug}/requests/{key}-1.yml": f"""\
            title: Title {mark}
            category: product-configuration
            opened: 2026-02-02
            opened_by: {mark}@customer.example
            channel: punchcard
            ticket: TICKET-{mark}
            description: |
              Description {mark}.
            history:
              - {{date: 2026-02-03, by: {consultant}, status: in-progress, note: Event {mark}}}
              - date: 2026-04-01
                by: {consultant}
                moved_to: support
                ticket: MOVED-{mark}
                note: Moved {mark}
            """,
        f"{slug}/time/2026-02-{consultant}.yml": f"""\
            - id: 03-1
              date: 2026-02-03
              request: {key}-1
              minutes: 90
              note: Note {mark}
              internal_note: Internal-{mark}
            - {{id: 04-1, date: 2026-02-04, request: {key}-1, minutes: -15, corrects: 03-1,
               note: Correction {mark}, internal_note: Internal-{mark}}}
            """,
        f"{slug}/time/2026-04-{consultant}.yml": f"""\
            - {{id: 02-1, date: 2026-04-02, request: {key}-1, minutes: 45, note: Support {mark}}}
            """,
    }


def write_ledger(folder: Path, *parts: Mapping[str, str]) -> Path:
    """Write files into ``folder`` and return it."""
    for name, text in (each for part in parts for each in part.items()):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder
