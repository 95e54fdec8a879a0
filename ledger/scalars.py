"""The types of single values in the files: every scalar is text until one of these converts it.

Each type first holds the text against the one form it may have, then converts it, all inside
pydantic's core. Lax conversion alone would take ``4_5`` and ``45.0`` for whole numbers and
``1764547200`` for a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

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

_LARGEST_NUMBER = 999_999_999


class ConvertedText:
    """Annotation: text of one form, converted by pydantic's core.

    Attributes:
        pattern: the form, as a regular expression that holds the whole text.
        target: the core schema that converts the text.
        editor_schema: what JSON Schema says of the value; an editor reads numbers and dates as
            such before it validates.
    """

    def __init__(self, pattern: str, target: CoreSchema, editor_schema: Mapping[str, Any]) -> None:
        self.pattern = pattern
        self.target = target
        self.editor_schema = editor_schema

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        text = core_schema.str_schema(pattern=self.pattern, strict=True)
        return core_schema.chain_schema([text, self.target])

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return dict(self.editor_schema)


def _whole_number(minimum: int | None = None) -> ConvertedText:
    least = -_LARGEST_NUMBER if minimum is None else minimum
    return ConvertedText(
        WHOLE_NUMBER_PATTERN,
        core_schema.int_schema(ge=minimum),
        {"type": "integer", "minimum": least, "maximum": _LARGEST_NUMBER},
    )


WholeNumber = Annotated[int, _whole_number()]
"""A whole number, written with digits alone: ``45``, ``-15``."""

Count = Annotated[int, _whole_number(minimum=1)]
"""A whole number from 1 on."""

CountOrNone = Annotated[int, _whole_number(minimum=0)]
"""A whole number from 0 on."""

Day = Annotated[
    date,
    ConvertedText(
        DATE_PATTERN,
        core_schema.date_schema(),
        {"type": "string", "format": "date", "pattern": DATE_PATTERN},
    ),
]
"""A date of the calendar, written ``YYYY-MM-DD``."""

Money = Annotated[
    Decimal,
    ConvertedText(
        MONEY_PATTERN,
        core_schema.decimal_schema(),
        {"type": "number", "minimum": 0},
    ),
]
"""An amount in the customer's currency, written ``2000.00`` or ``2000``."""

Text = Annotated[str, Field(strict=True, min_length=1, pattern=TEXT_PATTERN)]
"""Any text that says something."""

Handle = Annotated[str, Field(strict=True, pattern=HANDLE_PATTERN)]
RecordId = Annotated[str, Field(strict=True, pattern=RECORD_ID_PATTERN)]
Currency = Annotated[str, Field(strict=True, pattern=CURRENCY_PATTERN)]
CustomerKey = Annotated[str, Field(strict=True, pattern=KEY_PATTERN)]
EmailAddress = Annotated[str, Field(strict=True, pattern=EMAIL_PATTERN, max_length=254)]
LinkOrAddress = Annotated[str, Field(strict=True, pattern=LINK_PATTERN)]
