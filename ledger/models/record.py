"""What all records have in common: frozen values with named fields, and no key but their own.

Records need no library, so that a plain file is read without one. What pydantic makes of any other
data follows from the same fields (``ledger.models.record_schema``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    NamedTuple,
    Self,
    dataclass_transform,
    get_type_hints,
)

if TYPE_CHECKING:
    # Only what pydantic has to judge needs it.
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class _Required:
    """What stands for the default of a field that must be there."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()


class Field(NamedTuple):
    """A field of a record.

    Attributes:
        description: what it says, for whoever writes files.
        examples: values, as an editor sees them.
        default: its value when the key is left out; ``REQUIRED`` if it may not be.
        key: the key in the file, where it is not the field's name.
    """

    description: str
    examples: Sequence[Any] = ()
    default: Any = REQUIRED
    key: str | None = None

    @property
    def is_required(self) -> bool:
        """Whether the key may not be left out."""
        return self.default is REQUIRED


def field(
    *,
    description: str,
    examples: Sequence[Any] = (),
    default: Any = REQUIRED,
    key: str | None = None,
) -> Any:
    """Describe a field in the class of a record."""
    return Field(description, tuple(examples), default, key)


class RecordError(ValueError):
    """Values that each are right, and together are not.

    Attributes:
        name: which fact does not hold.
        template: the message; ``{name}`` stands for what the context has of that name.
        context: also ``path``, where in the record it is, and ``hint``, how to mend it.
    """

    def __init__(self, name: str, template: str, context: Mapping[str, Any]) -> None:
        super().__init__(template)
        self.name = name
        self.template = template
        self.context = dict(context)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Record:
    """A record of a file, made of the values of its fields; those left out have their default."""

    FIELDS: ClassVar[Mapping[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        cls.FIELDS = {
            **cls.FIELDS,
            **{name: each for name, each in vars(cls).items() if isinstance(each, Field)},
        }
        for name in cls.FIELDS:
            if name in vars(cls):
                delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        fields = type(self).FIELDS
        given = {name: values.get(name, each.default) for name, each in fields.items()}
        missing = [name for name, value in given.items() if value is REQUIRED]
        if missing or not values.keys() <= fields.keys():
            wrong = ", ".join(missing or sorted(values.keys() - fields.keys()))
            raise TypeError(f"{type(self).__name__}: missing or unknown fields: {wrong}")
        _set_fields(self, given)

    @classmethod
    def from_fields(cls, values: dict[str, Any]) -> Self:
        """Return the record that has these values and takes the mapping for its own.

        All fields are there, as the annotations say, and ``check`` has not been asked.
        """
        record = cls.__new__(cls)
        _set_fields(record, values)
        return record

    @classmethod
    def from_columns(cls, columns: Iterable[Sequence[Any]]) -> tuple[Self, ...]:
        """Return records, given for each field the values of all of them; see ``from_fields``."""
        names = repeat(tuple(cls.FIELDS))
        values = list(map(dict, map(zip, names, zip(*columns, strict=True))))
        records = tuple(map(cls.__new__, repeat(cls, len(values))))
        for _ in map(_set_fields, records, values):
            pass  # to run through them is what sets them
        return records

    @classmethod
    def find_annotations(cls) -> Mapping[str, Any]:
        """Return what each field may be, with the forms it is held to."""
        hints = get_type_hints(cls, include_extras=True)
        return {name: hints[name] for name in cls.FIELDS}

    def check(self) -> None:
        """See whether the values go together.

        Raises:
            RecordError: they do not.
        """

    def replace(self, **changes: Any) -> Self:
        """Return a record like this one but for some fields."""
        return type(self)(**{**self._list_values(), **changes})

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._list_values() == other._list_values()

    def __hash__(self) -> int:
        return hash((type(self), *self._list_values().values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self._list_values().items())
        return f"{type(self).__name__}({values})"

    def _list_values(self) -> dict[str, Any]:
        # Not all of what the object has: what was worked out from the fields is kept there, too.
        return {name: getattr(self, name) for name in type(self).FIELDS}

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from ledger.models.record_schema import make_record_schema

        return make_record_schema(cls, handler)


_set_fields: Callable[[Record, dict[str, Any]], None] = Record.__dict__["__dict__"].__set__
