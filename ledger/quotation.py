"""Texts from files in messages: quoted, on one line, not too long, safe to print."""

from __future__ import annotations

_LONGEST_QUOTE = 40


def quote_value(value: object) -> str:
    """Return a value as a message shows it: quoted, on one line, not too long."""
    text = repr(value[: _LONGEST_QUOTE + 1] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 2]}…{text[0]}"


def make_printable(text: str) -> str:
    """Return a text from a file's name or content, safe to print: controls are escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
