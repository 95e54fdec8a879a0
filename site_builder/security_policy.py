"""The Content-Security-Policy that a portal needs, found from its files as they were built.

Nothing is allowed that no page of the portal uses: scripts, styles, pictures and fonts of its own
folder, and whatever is left inline by its hash. Other hosts are never allowed, whatever a page
asks them for. The policy is a header for the web server: it lies in the manifest.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_STYLE = re.compile(rb"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_FORM = re.compile(rb"<form\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""([^\s"'>/=]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""", re.DOTALL
)
_DATA_PICTURE = re.compile(
    rb"""<[a-z][^<>]*\s(?:src|srcset|poster)\s*=\s*["']?\s*data:image/""", re.IGNORECASE
)
_DATA_IN_STYLE = re.compile(rb"""url\(\s*["']?data:image/""", re.IGNORECASE)

# A script of any other type is a block of data, which the browser never runs.
_SCRIPT_TYPES = frozenset(
    {b"", b"module", b"importmap", b"speculationrules", b"text/javascript"}
    | {b"application/javascript", b"text/ecmascript", b"application/ecmascript"}
)


@dataclass(frozen=True, slots=True)
class PolicyNeeds:
    """What a file of a portal needs to be allowed beyond its own folder's files."""

    script_hashes: frozenset[str] = frozenset()
    style_hashes: frozenset[str] = frozenset()
    form_targets: frozenset[str] = frozenset()
    data_pictures: bool = False

    def __or__(self, other: PolicyNeeds) -> PolicyNeeds:
        return PolicyNeeds(
            self.script_hashes | other.script_hashes,
            self.style_hashes | other.style_hashes,
            self.form_targets | other.form_targets,
            self.data_pictures or other.data_pictures,
        )


def find_policy(portal: Path) -> str:
    """Return the value of the header for the portal in a folder."""
    files = (file for file in portal.rglob("*") if file.suffix in {".html", ".css"})
    return write_policy(find_needs(file.name, file.read_bytes()) for file in files)


def find_needs(path: str, content: bytes) -> PolicyNeeds:
    """Return what the file at ``path`` needs: a page or a style sheet; others need nothing."""
    if path.endswith(".css"):
        return PolicyNeeds(data_pictures=_DATA_IN_STYLE.search(content) is not None)
    if not path.endswith(".html"):
        return PolicyNeeds()
    styles = [match[1] for match in _STYLE.finditer(content)]
    return PolicyNeeds(
        script_hashes=frozenset(map(_hash, _list_inline_scripts(content))),
        style_hashes=frozenset(map(_hash, styles)),
        form_targets=frozenset(_list_form_targets(content)),
        data_pictures=_DATA_PICTURE.search(content) is not None
        or any(_DATA_IN_STYLE.search(style) for style in styles),
    )


def write_policy(needs: Iterable[PolicyNeeds]) -> str:
    """Return the value of the header ``Content-Security-Policy`` that allows all of ``needs``."""
    together = PolicyNeeds()
    for each in needs:
        together |= each
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *sorted(together.script_hashes)],
        "style-src": ["'self'", *sorted(together.style_hashes)],
        "img-src": ["'self'", *(["data:"] if together.data_pictures else [])],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": sorted(together.form_targets) or ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join((name, *sources)) for name, sources in directives.items())


def _list_inline_scripts(content: bytes) -> Iterator[bytes]:
    for match in _SCRIPT.finditer(content):
        attributes = _read_attributes(match[1])
        if b"src" not in attributes and attributes.get(b"type", b"").lower() in _SCRIPT_TYPES:
            yield match[2]


def _list_form_targets(content: bytes) -> Iterator[str]:
    """Yield the sources that forms are sent to; a form without a target is sent nowhere."""
    for match in _FORM.finditer(content):
        target = _read_attributes(match[1]).get(b"action")
        if target is not None:
            yield "mailto:" if target.lower().startswith(b"mailto:") else "'self'"


def _read_attributes(text: bytes) -> dict[bytes, bytes]:
    return {
        match[1].lower(): match[2] or match[3] or match[4] or b""
        for match in _ATTRIBUTE.finditer(text)
    }


def _hash(content: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"
