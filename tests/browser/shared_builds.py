"""Portals that are built once for all processes that run the tests side by side."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

# Read here, because tests are run without the surroundings' variables.
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ


def build_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a folder that was filled by whoever came first; the others wait for it."""
    own = factory.getbasetemp()
    folder = (own.parent if IS_WORKER else own) / f"shared-{name}"
    built = folder.with_suffix(".built")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            built.touch()
    return folder
