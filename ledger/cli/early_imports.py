"""Imports made while the program waits for Git."""

from __future__ import annotations

from importlib import import_module
from threading import Thread


def import_meanwhile(*modules: str) -> None:
    """Begin to import what is needed later; whoever imports it then waits no longer than needed.

    Only for a command that goes on in one process: a copy of it would lack the thread.
    """
    Thread(target=_import, args=modules, name="imports").start()


def _import(*modules: str) -> None:
    for name in modules:
        import_module(name)
