"""How the fields of a record are written, one after the other, and records from their texts.

The texts of a field are read together, for many records at once. What is taken is read as
``reading.plain_records`` reads it; about anything else there is no opinion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from ledger.models import Record
from ledger.reading.plain_records import make_text_reader
from ledger.scalars import ScalarForm
from ledger.written_patterns import TEXT_PATTERN

_Read = Callable[[Any], Any]
_Record = TypeVar("_Record", bound=Record)

TEXT_START = "(?:[A-Za-z0-9(/]|-[0-9])"
"""How plain text may begin."""

_NONE_SPECIAL: Mapping[str, tuple[str, _Read | None]] = MappingProxyType({})


class RecordForm(Generic[_Record]):
    """The form of a class of records.

    Attributes:
        values: by the key of each field, in the order of the fields, the pattern of its text.
    """

    def __init__(
        self,
        record: type[_Record],
        any_text: str,
        special: Mapping[str, tuple[str, _Read | None]] = _NONE_SPECIAL,
    ) -> None:
        """Take the class, and how its texts are written.

        Args:
            record: the class.
            any_text: the pattern of plain text at the place of a value.
            special: by their keys, the fields with a pattern and a reader of their own.
        """
        self._record = record
        self._has_check = record.check is not Record.check
        annotations = record.find_annotations()
        fields = {
            each.key or name: (each, annotations[name]) for name, each in record.FIELDS.items()
        }
        found = {
            key: special.get(key) or _find_value_form(annotation, any_text)
            for key, (_each, annotation) in fields.items()
        }
        self.values: Mapping[str, str] = {key: pattern for key, (pattern, _read) in found.items()}
        self._required = {key for key, (each, _annotation) in fields.items() if each.is_required}
        self._readers = tuple((found[key][1], each.default) for key, (each, _) in fields.items())

    def make_optional(self, key: str, pattern: str) -> str:
        """Return the pattern of a part that has a key, which may be left out if the key may."""
        return pattern if key in self._required else f"(?:{pattern})?"

    def make_records(self, columns: Iterable[Sequence[Any]]) -> tuple[_Record, ...]:
        """Return records, given for each field the texts of all of them; empty: left out.

        Raises:
            OddError: some value is not plainly right.
            RecordError: the values of a record do not go together.
        """
        records = self._record.from_columns(map(_read_column, columns, self._readers))
        if self._has_check:
            for record in records:
                record.check()
        return records


def _read_column(texts: Sequence[Any], how: tuple[_Read | None, Any]) -> Sequence[Any]:
    read, default = how
    if "" not in texts:
        return texts if read is None else list(map(read, texts))
    return [default if text == "" else text if read is None else read(text) for text in texts]


def _find_value_form(annotation: Any, any_text: str) -> tuple[str, _Read | None]:
    """Return the pattern of a field's text, and how that is read; None if it is the value."""
    form = _find_text_form(annotation)
    if form is None:
        return any_text, make_text_reader(annotation)
    if form.pattern == TEXT_PATTERN:
        return any_text, None
    # What a class like `\\s` has in it is not the same for all who read patterns.
    if set("\\(") & set(form.pattern) or form.longest is not None:
        return any_text, make_text_reader(annotation)
    return form.pattern.removeprefix("^").removesuffix("$"), None


def _find_text_form(annotation: Any) -> ScalarForm | None:
    if get_origin(annotation) is Annotated:
        form = get_args(annotation)[1]
        return form if isinstance(form, ScalarForm) and form.target == "text" else None
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return _find_text_form(kinds[0]) if len(kinds) == 1 else None
