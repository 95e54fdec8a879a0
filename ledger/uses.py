"""What punchcards are used for; without pydantic, so that the shell completes it at once."""

from typing import NamedTuple

TECHNICAL_SUPPORT, SYSTEM_ACCESS = "technical-support", "system-access"


class Uses(NamedTuple):
    """Ids of categories: those that are charged, and those that are free."""

    charged: tuple[str, ...]
    free: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All of them."""
        return self.charged + self.free

    @property
    def of_support(self) -> str | None:
        """What time in the support channel is; None where everything is charged."""
        return next(iter(self.free), None)

    def __str__(self) -> str:
        return f"{', '.join(self.charged)}; free: {', '.join(self.free) or 'none'}"


DEFAULT_USES = Uses(
    (
        *("onboarding", "proof-of-concept", "product-training", "product-configuration"),
        *("methodology-coaching", "detailed-qa", SYSTEM_ACCESS),
    ),
    (TECHNICAL_SUPPORT,),
)
"""Those of terms that list none."""
