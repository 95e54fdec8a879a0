"""YAML text to plain values.

``parse_yaml`` turns a file into mappings, lists and text: every scalar stays the text it is
written as, an empty plain one is None. Files of the plain form that this program writes itself
take the short way of ``reading.canonical_yaml``, and need no YAML library; all others are for
``reading.yaml_events``.
"""

from __future__ import annotations

from ledger.reading.canonical_yaml import parse_canonical
from ledger.reading.yaml_text import PlainValue, decode_source


def parse_yaml(source: bytes) -> PlainValue:
    """Return the value of a file's one document; None if it has none.

    Raises:
        YamlSyntaxError: it is not YAML, or uses what ledger files do without.
    """
    canonical = parse_canonical(source)
    return parse_any_yaml(source) if canonical is None else canonical


def parse_any_yaml(source: bytes) -> PlainValue:
    """As ``parse_yaml``, by the full reader whatever the file is like.

    Raises:
        YamlSyntaxError: it is not YAML, or uses what ledger files do without.
    """
    from ledger.reading.yaml_events import read_events

    return read_events(decode_source(source))
