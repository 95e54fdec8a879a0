"""Ledgers in which every free text wants to be more than text."""

import json
import re
from collections.abc import Mapping, Sequence

from tests.site_builder.small_ledgers import CONSULTANTS, TERMS

_NEEDS_ESCAPE = re.compile("[\u2028\u2029\ufff9-\ufffb]")
_PERSON = "dana@customer.example"
_LINK = "https://links.provider.example/?a=\"onmouseover=top.smuggled=1&b='"


def make_organization(name: str) -> dict[str, str]:
    """Return the provider's files; its name and its links are hostile."""
    provider = {
        "name": name,
        "timezone": "Europe/Berlin",
        "published_on": "monday",
        "contacts": {
            "requests": "\"onmouseover=top.smuggled=1'{{7*7}}@provider.example",
            "sales": "a?subject=x&body=y@provider.example",
            "support": _LINK,
        },
        "links": {"agreement": _LINK, "marketplace": _LINK},
    }
    return {
        "provider.yml": write_yaml(provider),
        "terms.yml": TERMS,
        "consultants.yml": CONSULTANTS,
    }


def make_hostile_customer(slug: str, key: str, name: str, texts: Sequence[str]) -> dict[str, str]:
    """Return the files of a customer with a request, a purchase, a credit … for each text."""
    files: dict[str, object] = {
        "customer": {
            "name": name,
            "key": key,
            "currency": "USD",
            "licences": [
                {"product": text, "type": "commercial", "until": "2027-03-31"} for text in texts
            ],
            "services": [{"name": text, "completed": "2026-03-01"} for text in texts],
        },
        "accounts": [
            {"email": _PERSON, "name": name, "created": "2026-01-12"},
            *(
                {
                    "email": f"former-{number}@customer.example",
                    "name": text,
                    "created": "2026-01-12",
                    "removed": "2026-01-13",
                }
                for number, text in enumerate(texts)
            ),
        ],
        "purchases": [
            {
                "id": f"P{number}",
                "date": "2026-01-12",
                "punchcards": "1",
                "amount": "900.00",
                "invoice": text,
                "price_note": text,
                "purchase_order": text,
            }
            for number, text in enumerate(texts)
        ],
        "adjustments": [
            {
                "id": f"A{number}",
                "date": "2026-05-04",
                "minutes": "15",
                "reason": text,
                # What is refunded has to be unused, and the first purchases are used first.
                **(
                    {"type": "refund", "purchase": f"P{number}", "amount": "10.00"}
                    if number >= len(texts) // 2
                    else {"type": "goodwill"}
                ),
            }
            for number, text in enumerate(texts)
        ],
        "time/2026-02-alice": [
            {
                "id": f"03-{number}",
                "date": "2026-02-03",
                "request": f"{key}-{number + 1}",
                "minutes": "15",
                "note": text,
            }
            for number, text in enumerate(texts)
        ],
    }
    for number, text in enumerate(texts, start=1):
        files[f"requests/{key}-{number}"] = _make_request(text)
    return {f"{slug}/{path}.yml": write_yaml(content) for path, content in files.items()}


def write_yaml(content: object) -> str:
    """Return JSON that is YAML too, with quotes around every text.

    YAML knows no pairs of escapes for one character.
    """
    text = json.dumps(content, ensure_ascii=False)
    return _NEEDS_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _make_request(text: str) -> Mapping[str, object]:
    event = {"date": "2026-02-03", "by": "alice", "status": "in-progress", "note": text}
    move = {"date": "2026-04-01", "by": "alice", "moved_to": "support", "note": text}
    return {
        "title": text,
        "category": "product-configuration",
        "opened": "2026-02-02",
        "opened_by": _PERSON,
        "channel": "punchcard",
        "ticket": text,
        "description": text,
        "history": [event, {**move, "ticket": text}],
    }
