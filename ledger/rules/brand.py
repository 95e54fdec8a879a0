"""A rule about the provider's own files: they are there, small, and do nothing by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from ledger.files.reader import Organization
from ledger.rules.context import Finding

_MOST_BYTES = {"svg": 20_000, "png": 20_000, "md": 200_000}
_HINTS = {
    "svg": "put a picture beside provider.yml: a plain SVG of shapes and colours, or a PNG",
    "md": "put a text beside provider.yml: Markdown in UTF-8",
}
_PNG = b"\x89PNG\r\n\x1a\n"
# What of an SVG could run, or load something from elsewhere, and the signs that could hide it.
_ACTIVE = re.compile(
    r"""<(?:[\w.-]+:)?(?:script|foreignObject|iframe|object|embed|handler|animate\w*|set|a)\b"""
    r"""|\bon\w+\s*=|\b(?:href|src)\s*=\s*["'](?!\s*(?:\#|data:image/(?:png|jpeg);))"""
    r"""|url\((?!\s*["']?\#)|@import|image-set|javascript:"""
    r"""|<!DOCTYPE|<!ENTITY|<[?]xml-stylesheet|&\#|\\""",
    re.IGNORECASE,
)


def find_unusable_files(organization: Organization) -> Iterator[Finding]:
    """The files that ``brand`` of provider.yml names are there, and harmless."""
    if organization.provider is None:
        return
    for place, name in organization.provider.brand.files.items():
        kinds = ("svg", "png") if place == ("logo",) else ("md",)
        fault = _find_fault(organization.brand_files.get(name), name.rpartition(".")[2], kinds)
        if fault:
            hint = _HINTS[kinds[0]]
            yield Finding(organization.provider, ("brand", *place), f"{name} {fault}", hint)


def _find_fault(content: bytes | None, kind: str, kinds: tuple[str, ...]) -> str:
    """Return what is wrong with a file of a kind, where some ``kinds`` are known."""
    if content is None:
        return "is not there"
    if kind not in kinds:
        return f"is no {' and no '.join(kinds)}"
    if len(content) > _MOST_BYTES[kind]:
        return f"has {len(content)} bytes, of {_MOST_BYTES[kind]} at most"
    try:
        is_good = content.startswith(_PNG) if kind == "png" else bool(content.decode())
        if kind == "svg" and (found := _ACTIVE.search(content.decode())):
            return f"has {found[0].strip()!r}, which may run or load something"
        if kind == "svg":
            is_good = ElementTree.fromstring(content).tag.endswith("}svg")  # noqa: S314  # without declarations
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        return f"cannot be read: {error}"
    return "" if is_good else f"is no {kind}"
