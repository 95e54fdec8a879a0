"""Values to JSON in exactly one way, and the digest of it: equal figures have equal digests."""

from __future__ import annotations

import hashlib
import json
from typing import Any

DIGEST_KEY = "digest"


def to_canonical_json(value: Any) -> bytes:
    """Return JSON without spaces, with sorted keys, as UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def compute_digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, as ``sha256:...``."""
    return f"sha256:{hashlib.sha256(to_canonical_json(value)).hexdigest()}"


def add_digest(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with the digest of all its other keys as its last."""
    rest = {key: value for key, value in answer.items() if key != DIGEST_KEY}
    return {**rest, DIGEST_KEY: compute_digest(rest)}
