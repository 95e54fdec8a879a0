"""What became of a customer in a build: all that is held of each while the others are built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from site_builder.ledger_views import STATES_WITHOUT_PORTAL


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one customer; all that is kept of a view once its portal is written.

    Attributes:
        key: the prefix of the customer's requests, which no other customer may have.
        digest: of all files of the portal; empty if there is none.
        has_errors: whether something is wrong with the customer's files; nothing was built then.
    """

    slug: str
    name: str = ""
    state: str = ""
    last_day: date | None = None
    key: str = ""
    policy: str = ""
    digest: str = ""
    has_errors: bool = False

    @property
    def has_portal(self) -> bool:
        """Whether the customer has a portal on the day."""
        return not self.has_errors and self.state not in STATES_WITHOUT_PORTAL

    @classmethod
    def from_facts(cls, slug: str, facts: Mapping[str, Any]) -> Outcome:
        """Return what ``to_facts`` has written down."""
        last_day = facts["last_day"]
        return cls(
            slug=slug,
            name=facts["name"],
            state=facts["state"],
            last_day=None if last_day is None else date.fromisoformat(last_day),
            key=facts["key"],
            policy=facts["policy"],
            digest=facts["digest"],
        )

    def to_facts(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "state": self.state,
            "last_day": None if self.last_day is None else self.last_day.isoformat(),
            "key": self.key,
            "policy": self.policy,
            "digest": self.digest,
        }


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a customer whose files are as they were at a build before.

    Attributes:
        outcome: what became of the customer then; None if the files are others, or one of their
            dates has come since.
        is_done: whether there is nothing to do: the portal lies in the output as it is to be.
    """

    slug: str
    outcome: Outcome | None = None
    is_done: bool = False
