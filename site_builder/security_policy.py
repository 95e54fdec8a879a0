"""The Content-Security-Policy that a portal needs, found from its files as they were built.

Nothing is allowed that no page of the portal uses: scripts, styles, pictures and fonts of its own
folder, and whatever is left inline by its hash. Other hosts are never allowed, whatever a page
asks them for. The policy is a header for the web server: it lies in the manifest.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

Need: TypeAlias = tuple[str, str]
"""What a page needs beyond its own folder's files: a directive, and a source to allow there."""

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
# A form is sent nowhere unless a page has one: its sources begin empty.
_ALWAYS_ALLOWED: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    **dict.fromkeys(("script-src", "style-src", "img-src", "font-src"), ("'self'",)),
    **dict.fromkeys(("connect-src", "worker-src", "manifest-src"), ("'self'",)),
    "base-uri": ("'none'",),
    "form-action": (),
    "frame-ancestors": ("'none'",),
}


def find_policy(portal: Path) -> str:
    """Return the value of the header for the portal in a folder."""
    files = (file for file in portal.rglob("*") if file.suffix in {".html", ".css"})
    return write_policy(need for file in files for need in find_needs(file.name, file.read_bytes()))


def find_needs(path: str, content: bytes) -> Iterator[Need]:
    """Yield what the file at ``path`` needs: a page or a style sheet."""
    is_page, has_data = not path.endswith(".css"), b"data:image/" in content.lower()
    styles = _STYLE.findall(content) if is_page else [content]
    if has_data and any(map(_DATA_IN_STYLE.search, styles)):
        yield "img-src", "data:"
    if not is_page:
        return
    if has_data and _DATA_PICTURE.search(content):
        yield "img-src", "data:"
    yield from (("style-src", _hash(style)) for style in styles)
    for written, script in _SCRIPT.findall(content):
        attributes = _read_attributes(written)
        if b"src" not in attributes and attributes.get(b"type", b"").lower() in _SCRIPT_TYPES:
            yield "script-src", _hash(script)
    for written in _FORM.findall(content):
        target = _read_attributes(written).get(b"action")
        if target is not None:  # Without a target, a form is sent nowhere.
            is_mail = target.lower().startswith(b"mailto:")
            yield "form-action", "mailto:" if is_mail else "'self'"


def write_policy(needs: Iterable[Need]) -> str:
    """Return the value of the header ``Content-Security-Policy`` that allows all of ``needs``."""
    wanted = sorted({*needs})
    policy = []
    for name, always in _ALWAYS_ALLOWED.items():
        sources = [*always, *(source for directive, source in wanted if directive == name)]
        policy.append(" ".join([name, *(sources or ["'none'"])]))
    return "; ".join(policy)


def _read_attributes(text: bytes) -> dict[bytes, bytes]:
    return {
        name.lower(): double or single or bare
        for name, double, single, bare in _ATTRIBUTE.findall(text)
    }


def _hash(content: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"
