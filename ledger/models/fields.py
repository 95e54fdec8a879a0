"""The types of the fields of records. How each kind of value is written is said once, here.

Every scalar of a file is text until one of these types converts it. Each type first holds the
text against the one form it may have: conversion alone would take ``4_5`` and ``45.0`` for whole
numbers and ``1764547200`` for a date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

SLUG_PATTERN = "^[a-z0-9][a-z0-9-]{0,38}$"
FREE_TEXT, KNOWN_LATER = "free text", "known later"
_LARGEST_NUMBER = 999_999_999
_Item = TypeVar("_Item")


class Record(BaseModel):
    """A record of a file: a frozen value with no key but its own; made by ``model_validate``."""

    # Many commands read a few kinds of records: the others' validators are never built.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def list_fields(cls) -> dict[str, FieldInfo]:
        """Return the fields by their keys in the file, in the order in which files have them."""
        return {each.alias or name: each for name, each in cls.model_fields.items()}

    @classmethod
    def list_marked(cls, mark: str) -> frozenset[str]:
        """Return the names of the fields, of all records, whose type bears a mark."""
        own = {name for name, each in cls.model_fields.items() if mark in find_parts(each)}
        return frozenset(own).union(*(each.list_marked(mark) for each in cls.__subclasses__()))

    def __copy__(self) -> Self:
        copied = super().__copy__()
        # The copy is given other values: what was computed from these is not right for it.
        for name in vars(copied).keys() - type(self).model_fields.keys():
            del vars(copied)[name]
        return copied


def field(description: str, *examples: Any, **how: Any) -> Any:
    """Declare a field of a record: what it means, and values that it may have in a file."""
    return Field(description=description, examples=list(examples) or None, **how)


def optional(description: str, *examples: Any, **how: Any) -> Any:
    """Declare a field that may be left out of the file, and is None then."""
    return field(description, *examples, default=None, **how)


def listed(description: str, *examples: Any) -> Any:
    """Declare a field of a list, which is empty if it is left out of the file."""
    return field(description, *examples, default=())


def make_refusal(
    message: str, hint: str, path: tuple[str | int, ...] = (), **values: str
) -> PydanticCustomError:
    """Return what a validator raises; ``path`` leads from what it validates to what is wrong."""
    return PydanticCustomError("refusal", message, {"hint": hint, "path": path, **values})


@dataclass(frozen=True)
class Form:
    """Annotation: the one form in which a kind of value is written.

    ``pattern`` matches the whole text, which has at most ``longest`` characters; ``what`` is what
    the value is, with its article, ``hint`` is how to write it.
    """

    pattern: str
    what: str
    hint: str
    example: str
    longest: int | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        # What is wrong is said by looking at the text, see ``ledger.files.messages``.
        text = core_schema.custom_error_schema(
            core_schema.str_schema(pattern=self.pattern, max_length=self.longest, strict=True),
            "form",
            custom_error_message=self.what,
            custom_error_context={"form": self},
        )
        return text if source is str else core_schema.chain_schema([text, handler(source)])


NUMBER = Form(
    "^(0|-?[1-9][0-9]{0,8})$", "a whole number", "write it with digits alone, like 45", "45"
)
DAY = Form(
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "a date",
    "write it as YYYY-MM-DD, like 2026-11-03",
    "2026-11-03",
)
MONEY = Form(
    "^(0|[1-9][0-9]{0,11})([.][0-9]{2,4})?$",
    "an amount",
    "write it like 1000.00, without sign, currency or grouping",
    "1000.00",
)
LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = Form(
    rf"^{LABEL}([.]{LABEL})+$",
    "a domain",
    "write it like portals.example.com",
    "portals.example.com",
    longest=200,
)
_FLAG = Form("^(true|false)$", "true or false", "write true or false", "true")
TEXT = Form(r"\S", "text", "write something", "…")
HANDLE = Form(
    "^[a-z0-9][a-z0-9._-]{0,38}$",
    "a handle",
    "use up to 39 of a-z, 0-9, dots, _ and -, like alice",
    "alice",
)
RECORD_ID = Form(
    "^[A-Za-z0-9][A-Za-z0-9._-]{0,38}$",
    "an id",
    "use up to 39 letters, digits, dots, _ and -, like P1 or 03-1",
    "03-1",
)
CURRENCY = Form("^[A-Z]{3}$", "a currency", "write its ISO 4217 code, like USD", "USD")
LANGUAGE = Form(
    "^[a-z]{2,3}(-[A-Z]{2})?$", "a language", "write its ISO 639 code, like de or pt-BR", "de"
)
KEY = Form(
    "^[A-Z][A-Z0-9]{0,9}$", "a customer's key", "use up to 10 of A-Z and 0-9, like ACME", "ACME"
)
_EMAIL = Form(
    r"^[^@\s<>,;:]+@[^@\s<>,;:]+$",
    "an e-mail address",
    "write it like dana@acme.example",
    "dana@acme.example",
    longest=254,
)
SIGN_IN_ADDRESS = Form(
    r"^[\w!%&'+=?^|~-][\w.!%&'+=?^|~-]*@\w[\w.-]*$",
    "an e-mail address that web servers take",
    "write it like dana@acme.example, with letters, digits and signs such as . _ + -",
    "dana@acme.example",
    longest=254,
)
_KEY_HASH = Form(
    r"^\$2y\$05\$[./A-Za-z0-9]{53}$",  # A hash of higher cost would keep web servers busy.
    "the hash of a portal key",
    "have `punchcard account key` write it",
    "$2y$05$…",
)
_MESSAGE_ID = Form(
    r"^<[^<>\s]+>$",
    "a message id",
    "copy it with its angle brackets from the mail's Message-ID",
    "<a1@mail.acme.example>",
    longest=998,
)
_CATEGORY = Form(
    SLUG_PATTERN,
    "the id of a category",
    "use up to 39 of a-z, 0-9 and -, like contract-review",
    "contract-review",
)
SOURCE = Form(
    r"^[a-z]+:[^\s,\[\]{}]+$",
    "a row of a time tracker",
    "have `punchcard import` write it",
    "toggl:5f0c9d2a41be",
    longest=200,
)
ATTACHMENT = Form(
    "^[0-9a-f]{64}-[A-Za-z0-9][A-Za-z0-9._-]{0,79}$",
    "the name of an attachment",
    "name it by the SHA-256 of its content, a hyphen, and up to 80 letters, digits, dots, _ and -",
    "<sha256>-metadata.xml",
)
BRAND_FILE = Form(
    "^brand/[a-z0-9][a-z0-9._-]{0,79}[.](svg|png|md)$",
    "a file of the folder brand",
    "put it there, and write it like brand/logo.svg",
    "brand/logo.svg",
)
_COLOUR = Form("^#[0-9a-fA-F]{6}$", "a colour", "write it in quotes, like '#0c6b73'", "#0c6b73")
_LINK = Form(
    r"^(https?://[^\s<>]+|[^@\s<>,;:]+@[^@\s<>,;:]+)$",
    "a link or an e-mail address",
    "write https://… or name@host",
    "https://…",
)


# What an editor is told is not what is said of text: it reads numbers and dates as such.
def _describe_number(least: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": least, "maximum": _LARGEST_NUMBER})


WholeNumber = Annotated[int, NUMBER, _describe_number(-_LARGEST_NUMBER)]
Count = Annotated[int, Field(ge=1), NUMBER, _describe_number(1)]  # from 1 on
CountOrNone = Annotated[int, Field(ge=0), NUMBER, _describe_number(0)]  # from 0 on
Day = Annotated[
    date, DAY, WithJsonSchema({"type": "string", "format": "date", "pattern": DAY.pattern})
]
Money = Annotated[Decimal, MONEY, WithJsonSchema({"type": "number", "minimum": 0})]
Flag = Annotated[bool, _FLAG, WithJsonSchema({"type": "boolean"})]
Text = Annotated[str, TEXT]
FreeText = Annotated[str, TEXT, FREE_TEXT]  # to change it later alters no fact
LaterNumber = Annotated[str, TEXT, KNOWN_LATER]  # to fill it in later alters no fact
Handle = Annotated[str, HANDLE]
RecordId = Annotated[str, RECORD_ID]
Currency = Annotated[str, CURRENCY]
Language = Annotated[str, LANGUAGE]
CustomerKey = Annotated[str, KEY]
CategoryId = Annotated[str, _CATEGORY]
# One that a record names: which there are is for the terms to say.
NamedCategory = Annotated[
    str, TEXT, WithJsonSchema({"type": "string", "pattern": _CATEGORY.pattern})
]
EmailAddress = Annotated[str, _EMAIL]
SignInAddress = Annotated[str, SIGN_IN_ADDRESS]
KeyHash = Annotated[str, _KEY_HASH]
AttachmentName = Annotated[str, ATTACHMENT]
MessageId = Annotated[str, _MESSAGE_ID]
LinkOrAddress = Annotated[str, _LINK]
Domain = Annotated[str, DOMAIN]
BrandFile = Annotated[str, BRAND_FILE]
Colour = Annotated[str, _COLOUR]


def _read_one_or_many(item: Any) -> BeforeValidator:
    def read(value: Any) -> Any:
        return () if value is None else [value] if isinstance(value, str) else value

    return BeforeValidator(read, json_schema_input_type=item | list[item] | None)


_ONE_FOR_ALL = BeforeValidator(
    lambda value: {"en": value} if isinstance(value, str) and value.strip() else value,
    json_schema_input_type=Text | dict[Language, Text],
)
# A text, or one for each language.
Names = Annotated[dict[Language, Text], _ONE_FOR_ALL, Field(min_length=1)]
BrandFiles = Annotated[dict[Language, BrandFile], _ONE_FOR_ALL, Field(min_length=1)]
# A list may be empty; of dates, texts and sources one may stand alone too.
Listed = Annotated[tuple[_Item, ...], BeforeValidator(lambda value: () if value is None else value)]
Days = Annotated[tuple[Day, ...], _read_one_or_many(Day)]
Texts = Annotated[tuple[Text, ...], _read_one_or_many(Text)]
_Source = Annotated[str, SOURCE]
Sources = Annotated[tuple[_Source, ...], _read_one_or_many(_Source)]


def find_parts(annotation: Any) -> Iterator[Any]:
    """Yield the types and forms that a field or an annotation is made of, outermost first."""
    yield annotation
    is_field = isinstance(annotation, FieldInfo)
    parts = (annotation.annotation, *annotation.metadata) if is_field else get_args(annotation)
    for part in parts:
        yield from find_parts(part)
