"""Rules about the organization's files: its own words, harmless pictures, each person once."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from xml.etree import ElementTree

from ledger.errors import Severity
from ledger.files.reader import Organization, find_adapter
from ledger.files.yaml import parse_yaml
from ledger.models import Provider
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


def find_placeholders(organization: Organization) -> Iterator[Finding]:
    """provider.yml does not say any more what ``init`` wrote."""
    provider = organization.provider
    if provider is None:
        return
    said, written = _list_texts(provider), _list_texts(_read_template())
    left = [place for place, text in said.items() if text == written.get(place)]
    if left:
        message = f"still as init wrote it: {', '.join('.'.join(place) for place in left)}"
        hint = "write your own: customers read this"
        yield Finding(provider, left[0], message, hint, Severity.WARNING)


@cache
def _read_template() -> Provider:
    template = resources.files("ledger") / "init_templates" / "customers" / "provider.yml"
    provider: Provider = find_adapter("provider").validate_python(parse_yaml(template.read_bytes()))
    return provider


def _list_texts(provider: Provider) -> dict[tuple[str, ...], str]:
    """Return the texts that each company has its own of, by their place in provider.yml."""
    texts: dict[tuple[str, ...], str] = {("name",): provider.name}
    for key in ("contacts", "links"):
        texts |= {(key, name): text for name, text in getattr(provider, key).model_dump().items()}
    return texts


def find_repeated_consultants(organization: Organization) -> Iterator[Finding]:
    """A handle belongs to one consultant, and so does a Git author address."""
    handles: set[str] = set()
    owners: dict[str, str] = {}
    for consultant in organization.consultants:
        if consultant.handle in handles:
            message = f"the handle {consultant.handle!r} is another consultant's already"
            yield Finding(consultant, "handle", message, "choose another handle")
        handles.add(consultant.handle)
        for index, email in enumerate(consultant.emails):
            owner = owners.setdefault(email.casefold(), consultant.handle)
            if owner != consultant.handle:
                message = f"{email} is an address of {owner!r} already"
                hint = "delete it here or there: an address tells who made a commit"
                yield Finding(consultant, ("emails", index), message, hint)
