"""Posts JSON to a chat program."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from ledger.errors import LedgerError

_SECONDS = 20
_HERE = {"127.0.0.1", "::1", "localhost"}


def post_json(url: str, value: Any) -> None:
    """Post a value to an address, which is a secret and is named in no message.

    Raises:
        LedgerError: it is no address that keeps a secret, or does not take it.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise LedgerError("that is no webhook", "write it like https://chat.example/hooks/…")
    body = json.dumps(value).encode()
    request = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  # see above
    try:
        with urlopen(request, timeout=_SECONDS):  # noqa: S310  # see above
            pass
    except (OSError, HTTPException) as error:
        raise LedgerError(f"{parts.hostname} does not take what is told: {error}") from error
