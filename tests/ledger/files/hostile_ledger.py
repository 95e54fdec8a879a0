"""The smallest ledger in a repository, to put something hostile into, and its check."""

import time
from pathlib import Path

from tests.conftest import Ran, RunPunchcard

CUSTOMER = b"name: Acme Robotics\nkey: ACME\ncurrency: USD\n"
FILE = "customers/acme/customer.yml"
LONGEST = 5.0
"""Seconds of computing that nothing here may take, on a slow machine; elsewhere it is two."""


def check(root: Path, punchcard: RunPunchcard, *options: str) -> Ran:
    """Check as a user does; nothing may take long, and a problem is no failure of the command."""
    started = time.process_time()
    ran = punchcard(root, "check", "--as-of", "2026-11-20", *options)
    assert time.process_time() - started < LONGEST
    assert ran.stderr.count("\n") == ("github" in options)
    assert ran.status in {0, 1}
    return ran
