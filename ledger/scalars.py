"""The types of single values in the files: every scalar is text until one of these converts it.

Each type first holds the text against the one form it may have, then converts it. Lax conversion
alone would take ``4_5`` and ``45.0`` for whole numbers and ``1764547200`` for a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ledger.written_patterns import (
    CURRENCY_PATTERN,
    DATE_PATTERN,
    EMAIL_PATTERN,
    HANDLE_PATTERN,
    KEY_PATTERN,
    LINK_PATTERN,
    MONEY_PATTERN,
    RECORD_ID_PATTERN,
    TEXT_PATTERN,
    WHOLE_NUMBER_PATTERN,
)

if TYPE_CHECKING:
    # Only what pydantic has to judge needs it.
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_LARGEST_NUMBER = 999_999_999


class ScalarForm:
    """Annotation: text of one form, and what it is converted to, by pydantic inside its core.

    Attributes:
        pattern: the form, as a regular expression that holds the whole text.
        target: what the text is converted to.
        least: the least value of a number; None: any.
        longest: the length of a text at most; None: any.
        editor_schema: what JSON Schema says of the value, where that is not what it says of such
            text: an editor reads numbers and dates as such before it validates.
    """

    def __init__(
        self,
        pattern: str,
        target: Literal["text", "number", "date", "money"] = "text",
        *,
        least: int | None = None,
        longest: int | None = None,
        editor_schema: Mapping[str, Any] | None = None,
    ) -> None:
        self.pattern = pattern
        self.target = target
        self.least = least
        self.longest = longest
        self.editor_schema = editor_schema

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        shortest = 1 if self.pattern == TEXT_PATTERN else None
        text = core_schema.str_schema(
            pattern=self.pattern, min_length=shortest, max_length=self.longest, strict=True
        )
        if self.target == "text":
            return text
        targets: dict[str, CoreSchema] = {
            "number": core_schema.int_schema(ge=self.least),
            "date": core_schema.date_schema(),
            "money": core_schema.decimal_schema(),
        }
        return core_schema.chain_schema([text, targets[self.target]])

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) if self.editor_schema is None else dict(self.editor_schema)


def _whole_number(least: int | None = None) -> ScalarForm:
    minimum = -_LARGEST_NUMBER if least is None else least
    schema = {"type": "integer", "minimum": minimum, "maximum": _LARGEST_NUMBER}
    return ScalarForm(WHOLE_NUMBER_PATTERN, "number", least=least, editor_schema=schema)


WholeNumber = Annotated[int, _whole_number()]
"""A whole number, written with digits alone: ``45``, ``-15``."""

Count = Annotated[int, _whole_number(least=1)]
"""A whole number from 1 on."""

CountOrNone = Annotated[int, _whole_number(least=0)]
"""A whole number from 0 on."""

Day = Annotated[
    date,
    ScalarForm(
        DATE_PATTERN,
        "date",
        editor_schema={"type": "string", "format": "date", "pattern": DATE_PATTERN},
    ),
]
"""A date of the calendar, written ``YYYY-MM-DD``."""

Money = Annotated[
    Decimal,
    ScalarForm(MONEY_PATTERN, "money", editor_schema={"type": "number", "minimum": 0}),
]
"""An amount in the customer's currency, written ``2000.00`` or ``2000``."""

Text = Annotated[str, ScalarForm(TEXT_PATTERN)]
"""Any text that says something."""

Handle = Annotated[str, ScalarForm(HANDLE_PATTERN)]
RecordId = Annotated[str, ScalarForm(RECORD_ID_PATTERN)]
Currency = Annotated[str, ScalarForm(CURRENCY_PATTERN)]
CustomerKey = Annotated[str, ScalarForm(KEY_PATTERN)]
EmailAddress = Annotated[str, ScalarForm(EMAIL_PATTERN, longest=254)]
LinkOrAddress = Annotated[str, ScalarForm(LINK_PATTERN)]
