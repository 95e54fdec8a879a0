"""The words that options choose from.

They are those of ``ledger.models``, written out so that help and completion need not import it;
a test holds the two together.
"""

from __future__ import annotations

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
