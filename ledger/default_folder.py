"""Where a ledger is in its repository; by itself, because that is wanted before all else."""

from __future__ import annotations

DEFAULT_FOLDER = "customers"
