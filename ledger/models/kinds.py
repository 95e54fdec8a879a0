"""The kinds that records name: categories of work, statuses, channels, types of licence."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from ledger.models.field_forms import Check
from ledger.models.record import RecordError


class Category(StrEnum):
    """What a request's time is charged as."""

    ONBOARDING = "onboarding"
    PROOF_OF_CONCEPT = "proof-of-concept"
    PRODUCT_TRAINING = "product-training"
    PRODUCT_CONFIGURATION = "product-configuration"
    METHODOLOGY_COACHING = "methodology-coaching"
    DETAILED_QA = "detailed-qa"
    SYSTEM_ACCESS = "system-access"
    TECHNICAL_SUPPORT = "technical-support"

    @property
    def is_charged(self) -> bool:
        """Whether time of this category draws on the cards; technical support never does."""
        return self is not _TECHNICAL_SUPPORT


# Python looks a member of an enumeration up by its name each time; this one is asked for often.
_TECHNICAL_SUPPORT = Category.TECHNICAL_SUPPORT


class Status(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    IN_PROGRESS = "in-progress"
    WAITING_FOR_CUSTOMER = "waiting-for-customer"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Channel(StrEnum):
    """Where a request is dealt with: charged to the cards, or as free technical support."""

    PUNCHCARD = "punchcard"
    SUPPORT = "support"


class LicenceType(StrEnum):
    """The kinds of product licence; the first two include technical support."""

    COMMERCIAL = "commercial"
    ACADEMIC = "academic"
    EVALUATION = "evaluation"

    @property
    def includes_support(self) -> bool:
        """Whether its holder is entitled to technical support."""
        return self is not LicenceType.EVALUATION


def _reject_technical_support(category: Category) -> Category:
    if not category.is_charged:
        raise RecordError(
            "request_category",
            "a request is never charged as technical-support",
            {"hint": "leave the category out, and have the request in the support channel"},
        )
    return category


ChargedCategory = Annotated[
    Category,
    Check(
        _reject_technical_support,
        {"type": "string", "enum": [item.value for item in Category if item.is_charged]},
    ),
]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
