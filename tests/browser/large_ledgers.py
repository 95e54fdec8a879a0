"""Customers at the extremes: very many requests, very long texts, none at all."""

from collections.abc import Iterator

from tests.site_builder.hostile_ledger import write_yaml

ARABIC_TITLE = "ربط المتطلبات باختبارات القبول في الإصدار 4.8"
ARABIC_NOTE = "راجعنا القائمة معًا. الخطوة التالية: تصدير ReqIF يوم الاثنين."
EMOJI_TITLE = "🚀 Go-live 👩🏽‍🚒🏳️‍🌈 of the 🇳🇴 plant, 日本語 and Ελληνικά"
LONG_NOTE = "We looked at every link of the specification once more. " * 358
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 40

_PERSON = "dana@customer.example"
_CATEGORIES = ("onboarding", "product-training", "product-configuration", "detailed-qa")
_STATUSES = ("in-progress", "waiting-for-customer", "resolved", "closed")
_ENTRIES_A_CARD = 20
_MONTHS = tuple(f"2026-{month:02}" for month in range(2, 11))


def make_empty_customer(slug: str, key: str) -> dict[str, str]:
    """Return a customer of whom nothing is known but a service that keeps the portal open."""
    customer = {
        "name": "Nothing yet",
        "key": key,
        "currency": "USD",
        "services": [{"name": "Rollout"}],
    }
    return {f"{slug}/customer.yml": write_yaml(customer)}


def make_busy_customer(slug: str, key: str, count: int) -> dict[str, str]:
    """Return a customer with ``count`` requests of an entry each, in as many months as there are.

    One file of thousands of entries would be larger than the ledger takes.
    """
    files: dict[str, object] = _make_frame("Busy", key, cards=count // _ENTRIES_A_CARD + 1)
    entries: dict[str, list[dict[str, str]]] = {}
    for number in range(1, count + 1):
        month = _MONTHS[(number - 1) * len(_MONTHS) // count]
        entries.setdefault(month, []).append(_make_entry(key, number, month))
        files[f"requests/{key}-{number}"] = _make_request(
            title=f"Request number {number} about the plant in Columbus",
            category=_CATEGORIES[number % len(_CATEGORIES)],
            status=_STATUSES[number % len(_STATUSES)],
            month=month,
        )
    files |= {f"time/{month}-alice": content for month, content in entries.items()}
    return dict(_write(slug, files))


def make_long_standing_customer(slug: str, key: str) -> dict[str, str]:
    """Return a customer of 23 months: 300 requests of two hours, 128 cards in 16 purchases."""
    months = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)][:23]
    files: dict[str, object] = _make_frame("Long-standing", key, cards=0)
    files["purchases"] = [
        {
            "id": f"P{number}",
            "date": f"{months[number]}-01",
            "punchcards": "8",
            "amount": "8000.00",
            "price_note": "The price of a frame contract.",
            "invoice": f"INV-{number}",
        }
        for number in range(16)
    ]
    entries: dict[str, list[dict[str, str]]] = {}
    for number in range(1, 301):
        month = months[(number - 1) * len(months) // 300]
        title = f"Request number {number} about the plant in Columbus and its suppliers"
        status = _STATUSES[number % 2 if number > 290 else 3]
        category = _CATEGORIES[number % len(_CATEGORIES)]
        files[f"requests/{key}-{number}"] = _make_request(title, category, status, month)
        for part in (1, 2):
            entry = {**_make_entry(key, number, month), "minutes": "60"}
            entries.setdefault(month, []).append({**entry, "id": f"03-{part}{number:03}"})
    files |= {f"time/{month}-alice": content for month, content in entries.items()}
    return dict(_write(slug, files))


def make_wordy_customer(slug: str, key: str) -> dict[str, str]:
    """Return a customer with texts that are very long, or not in Latin letters."""
    files: dict[str, object] = _make_frame("شركة المتطلبات " + LONG_WORD[:80], key, cards=2)
    titles = (ARABIC_TITLE, EMOJI_TITLE, LONG_WORD[:400], "A note of 20,000 characters")
    notes = (ARABIC_NOTE, "👍" * 200, LONG_WORD, LONG_NOTE)
    for number, (title, note) in enumerate(zip(titles, notes, strict=True), start=1):
        files[f"requests/{key}-{number}"] = {
            **_make_request(title, _CATEGORIES[0], _STATUSES[0]),
            "description": f"{note}\n\n    {LONG_WORD[:300]}\n\n- {LONG_WORD[:200]}\n",
        }
    files["time/2026-02-alice"] = [
        {**_make_entry(key, number), "note": note} for number, note in enumerate(notes, start=1)
    ]
    return dict(_write(slug, files))


def _make_frame(name: str, key: str, cards: int) -> dict[str, object]:
    return {
        "customer": {"name": name, "key": key, "currency": "USD"},
        "accounts": [{"email": _PERSON, "name": name, "created": "2026-01-12"}],
        "purchases": [
            {
                "id": "P1",
                "date": "2026-01-12",
                "punchcards": str(cards),
                "amount": f"{cards * 1000}.00",
            }
        ],
    }


def _make_request(
    title: str, category: str, status: str, month: str = _MONTHS[0]
) -> dict[str, object]:
    return {
        "title": title,
        "category": category,
        "opened": f"{month}-02",
        "opened_by": _PERSON,
        "channel": "punchcard",
        "description": "What we would like to have done.",
        "history": [{"date": f"{month}-20", "by": "alice", "status": status}],
    }


def _make_entry(key: str, number: int, month: str = _MONTHS[0]) -> dict[str, str]:
    return {
        "id": f"03-{number}",
        "date": f"{month}-03",
        "request": f"{key}-{number}",
        "minutes": "15",
        "note": f"Worked on number {number}.",
    }


def _write(slug: str, files: dict[str, object]) -> Iterator[tuple[str, str]]:
    for path, content in files.items():
        yield f"{slug}/{path}.yml", write_yaml(content)
