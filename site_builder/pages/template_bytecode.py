"""The compiled form of our own templates and the theme's, kept as Python keeps that of modules.

It lies in ``__pycache__`` beside our templates, where whoever can write could as well change what
Python has compiled of this program; never in the user's cache, which a CI may hand from one job
to another. It is used for the same program, the same text and the same settings of Jinja only.
Where nothing can be written, or Python is told to write nothing, templates are compiled at each
start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from site_builder.input_digests import digest, digest_program

TEMPLATES_FOLDER = Path(__file__).parent / "templates"

_ELSEWHERE = ""
_SHORT = 8
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_FILE_MODE, _FOLDER_MODE = 0o644, 0o755
_SETTINGS = (
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
    "keep_trailing_newline",
    "optimized",
    "autoescape",
    "is_async",
)


class TemplateBytecode(BytecodeCache):
    """Keeps what Jinja has compiled of the templates in some folders, and of no others.

    Args:
        folders: those of installed programs; a provider's own are not for us to write into.
        beside: what is kept lies in this folder's ``__pycache__``.
    """

    def __init__(self, folders: Iterable[Path], beside: Path = TEMPLATES_FOLDER) -> None:
        self._starts = tuple(f"{folder}{os.sep}" for folder in folders)
        self._beside = beside

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return the name of a template's file among those kept; empty if it is not kept."""
        if filename is None or not filename.startswith(self._starts):
            return _ELSEWHERE
        place = digest(name, filename)[:_SHORT]
        return f"{Path(filename).stem}-{place}.{sys.implementation.cache_tag}.jinja"

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        """Return what is known of a template: what it is found by, and what was compiled of it."""
        bucket = Bucket(
            environment,
            self.get_cache_key(name, filename),
            digest(digest_program(), *_list_settings(environment), source),
        )
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept of a template, if it is whole and of the same text."""
        if bucket.key == _ELSEWHERE:
            return
        try:
            content = (self._kept_in / bucket.key).read_bytes()
        except OSError:
            return
        seal, _, compiled = content.partition(b"\n")
        if seal.decode("ascii", "replace") == digest(bucket.checksum, compiled):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that was compiled, if that can be."""
        if bucket.key == _ELSEWHERE or sys.dont_write_bytecode:
            return
        compiled = bucket.bytecode_to_string()
        place = self._kept_in / bucket.key
        aside = place.with_name(f"{place.name}.{os.urandom(4).hex()}")
        with suppress(OSError):
            self._kept_in.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            try:
                # Code: nobody else may write it, whatever mask a job has.
                with os.fdopen(os.open(aside, _NEW_FILE, _FILE_MODE), "wb") as file:
                    file.write(digest(bucket.checksum, compiled).encode() + b"\n" + compiled)
                aside.replace(place)
            finally:
                aside.unlink(missing_ok=True)

    @cached_property
    def _kept_in(self) -> Path:
        return Path(cache_from_source(os.fspath(self._beside / "__init__.py"))).parent


def _list_settings(environment: Environment) -> Iterator[str]:
    """Yield what the code of a template depends on, beside its text and the program."""
    generator = environment.code_generator_class
    yield f"{generator.__module__}.{generator.__qualname__}"
    yield from (f"{name} {getattr(environment, name)!r}" for name in _SETTINGS)
    yield from sorted(environment.extensions)
    for functions in (environment.filters, environment.tests):
        # Whether they are told of their surroundings is compiled in.
        yield from (
            f"{name} {getattr(each, 'jinja_pass_arg', None)}"
            for name, each in sorted(functions.items())
        )
