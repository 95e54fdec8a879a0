"""YAML text to plain values."""

from __future__ import annotations

from ledger.reading.yaml_events import read_events
from ledger.reading.yaml_text import PlainValue, decode_source


def parse_yaml(source: bytes) -> PlainValue:
    """Return the mappings, lists and texts of a file's one document; None if it has none.

    Raises:
        YamlSyntaxError: it is not YAML, or uses what ledger files do without.
    """
    return read_events(decode_source(source))
