"""What a field may be beyond its type, as annotations that pydantic asks for their schema.

They need no library themselves: what is plainly right is read without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Only what pydantic has to judge needs it.
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class Check:
    """Annotation: a value stands a test of our own, too.

    Attributes:
        test: returns the value, or raises ``RecordError``.
        editor_schema: what JSON Schema says of the value; None: what it says without the test.
    """

    def __init__(
        self, test: Callable[[Any], Any], editor_schema: Mapping[str, Any] | None = None
    ) -> None:
        self.test = test
        self.editor_schema = editor_schema

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from ledger.models.record_schema import add_test

        return add_test(handler(source), self.test)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) if self.editor_schema is None else dict(self.editor_schema)


class Several:
    """Annotation: how a list, or a mapping, may be written.

    Attributes:
        least: how many items it has at least.
        may_be_empty: whether nothing may stand for an empty list.
        may_be_single: whether one item may stand for a list of it.
    """

    def __init__(
        self, *, least: int = 0, may_be_empty: bool = False, may_be_single: bool = False
    ) -> None:
        self.least = least
        self.may_be_empty = may_be_empty
        self.may_be_single = may_be_single

    def write_out(self, value: Any) -> Any:
        """Return a list where something stands for one."""
        if value is None and self.may_be_empty:
            return []
        return [value] if self.may_be_single and isinstance(value, str) else value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from ledger.models.record_schema import make_several_schema

        return make_several_schema(self, source, handler)


class OneOf:
    """Annotation: one of several records; the value of a key says which."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from ledger.models.record_schema import make_choice_schema

        return make_choice_schema(source, self.key, handler)
