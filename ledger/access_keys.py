"""The keys that people open their portal with, and what is kept of them: a hash.

A key is random and long, so nobody can guess it, and a slow hash would only slow every request of
the web server down. The hash is bcrypt's at its second lowest cost, in the form that nginx (through
the C library), Caddy and Apache all read.
"""

from __future__ import annotations

import re
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Digits and letters without i, l, o and u, which people take for others when they type."""

_GROUPS = 7
_GROUP_LENGTH = 4
_BITS_A_CHARACTER = 5
KEY_BITS = _GROUPS * _GROUP_LENGTH * _BITS_A_CHARACTER

_COST = 5
_HASH = re.compile(r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}")


def make_key() -> str:
    """Return a new random key, in groups that are easy to read out."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def hash_key(key: str) -> str:
    """Return what is kept of a key."""
    import bcrypt

    hashed = bcrypt.hashpw(key.encode("ascii"), bcrypt.gensalt(_COST)).decode("ascii")
    # For keys of ASCII characters the two prefixes mean the same; Apache reads only this one.
    return "$2y$" + hashed.removeprefix("$2b$")


def is_key_hash(text: str) -> bool:
    """Whether a text is the hash of a key, whole, and nothing else."""
    return _HASH.fullmatch(text) is not None
