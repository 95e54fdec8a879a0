"""The compiled form of our own templates, kept as Python keeps that of modules.

It lies in ``__pycache__`` beside the templates, where whoever can write could as well change what
Python has compiled of this program; never in the user's cache, which a CI may hand from one job
to another. It is used for the same program and the same text only. Where nothing can be written,
or Python is told to write nothing, templates are compiled at each start.
"""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from functools import cached_property
from importlib.util import cache_from_source
from pathlib import Path
from urllib.parse import quote

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from site_builder.input_digests import digest, digest_program

_ELSEWHERE = ""


class TemplateBytecode(BytecodeCache):
    """Keeps what Jinja has compiled of the templates in one folder, and of no others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return the name of a template's file among those kept; empty if it is not kept."""
        if filename is None or Path(filename).parent != self._folder:
            return _ELSEWHERE
        return f"{quote(name, safe='')}.{sys.implementation.cache_tag}.jinja"

    def get_source_checksum(self, source: str) -> str:
        """Return the digest of all that a compiled template follows from."""
        return digest(self._program, source)

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
        aside = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
        with suppress(OSError):
            self._kept_in.mkdir(parents=True, exist_ok=True)
            try:
                aside.write_bytes(digest(bucket.checksum, compiled).encode() + b"\n" + compiled)
                aside.replace(place)
            finally:
                aside.unlink(missing_ok=True)

    @cached_property
    def _program(self) -> str:
        return digest(digest_program(), os.fspath(self._folder))

    @cached_property
    def _kept_in(self) -> Path:
        return Path(cache_from_source(os.fspath(self._folder / "__init__.py"))).parent
