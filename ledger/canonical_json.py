"""Values to JSON in exactly one way, and the digest of it: equal figures have equal digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

DIGEST_KEY = "digest"


def write_canonical(value: Any) -> str:
    """Return JSON without spaces, with sorted keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def join_canonical(items: Mapping[str, str]) -> str:
    """Return the canonical JSON of an object, given that of each of its values."""
    pairs = (f"{write_canonical(key)}:{text}" for key, text in sorted(items.items()))
    return f"{{{','.join(pairs)}}}"


def compute_digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, as ``sha256:...``."""
    return digest_text(write_canonical(value))


def digest_text(canonical: str) -> str:
    """Return the SHA-256 of canonical JSON, as ``sha256:...``."""
    return f"sha256:{hashlib.sha256(canonical.encode('utf-8', 'surrogatepass')).hexdigest()}"


def add_digest(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with the digest of all its other keys as its last."""
    rest = {key: value for key, value in answer.items() if key != DIGEST_KEY}
    return {**rest, DIGEST_KEY: compute_digest(rest)}
