"""How pydantic judges records: its schema of each follows from the fields of the record.

Imported when there is something to be judged, or to be said to an editor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ledger.models.file_types import FILE_TYPES
from ledger.models.record import Field, Record, RecordError, Several


class _AdapterTable(dict[str, TypeAdapter[Any]]):
    # Built when first asked for: a command that reads one kind of file pays for one.
    def __missing__(self, kind: str) -> TypeAdapter[Any]:
        adapter = self[kind] = TypeAdapter(FILE_TYPES[kind])
        return adapter


FILE_ADAPTERS = _AdapterTable()
"""One pydantic call a file: ``FILE_ADAPTERS["time"].validate_python(data)``."""


class _Judged(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


def make_record_schema(record: type[Record], handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema of a record: of its fields, and of what they are together."""
    schema = handler.generate_schema(_make_model(record))
    return core_schema.no_info_after_validator_function(partial(_make_record, record), schema)


def add_test(schema: CoreSchema, test: Callable[[Any], Any]) -> CoreSchema:
    """Return a schema that also asks for a test that raises ``RecordError``."""
    return core_schema.no_info_after_validator_function(partial(_ask, test), schema)


def make_several_schema(form: Several, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema of a list, or a mapping, with what may stand for it."""
    counted = Annotated[source, pydantic.Field(min_length=form.least)] if form.least else source
    written = None
    if form.may_be_single:
        one = handler.generate_schema(get_args(source)[0])
        one_or_more = core_schema.union_schema([one, core_schema.list_schema(one)])
        written = core_schema.nullable_schema(one_or_more)
    return core_schema.no_info_before_validator_function(
        form.write_out, handler.generate_schema(counted), json_schema_input_schema=written
    )


def make_choice_schema(source: Any, key: str, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema of one of several records, of which the value of ``key`` says which."""
    return handler.generate_schema(Annotated[source, pydantic.Field(discriminator=key)])


def _make_model(record: type[Record]) -> type[BaseModel]:
    annotations = record.find_annotations()
    fields: dict[str, Any] = {
        name: (annotations[name], _describe(each)) for name, each in record.FIELDS.items()
    }
    return pydantic.create_model(
        record.__name__,
        __base__=_Judged,
        __doc__=record.__doc__,
        __module__=record.__module__,
        **fields,
    )


def _describe(each: Field) -> Any:
    default = {} if each.is_required else {"default": each.default}
    return pydantic.Field(
        **default,
        alias=each.key,
        description=each.description,
        examples=list(each.examples) or None,
    )


def _make_record(record: type[Record], model: BaseModel) -> Record:
    made = record.from_fields(dict(model.__dict__))
    _ask(lambda each: each.check(), made)
    return made


def _ask(test: Callable[[Any], Any], value: Any) -> Any:
    try:
        return test(value)
    except RecordError as error:
        raise PydanticCustomError(error.name, error.template, error.context) from None
