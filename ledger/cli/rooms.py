"""The rooms behind the commands, each imported when it is first used.

``rooms.sales`` is ``ledger.writing.sales``. Help and completion use none of them, and are quick.
"""
# ruff: noqa: F401  # what is imported for the type checker is used by the commands

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger import ledger
    from ledger.balance import json_values, request_summary, summary
    from ledger.files import durable_files, layout, yaml
    from ledger.intake import mail, mailboxes, receive, worker
    from ledger.models import fields
    from ledger.output import formats
    from ledger.rules import explain
    from ledger.writing import (
        draft,
        entry_search,
        requests,
        sales,
        time_entries,
        workday,
        write,
        yaml_text,
    )
else:
    # Looked into in this order, the models last: their package imports pydantic.
    _PACKAGES = ("", ".writing", ".balance", ".files", ".intake", ".output", ".rules", ".models")

    def __getattr__(name: str) -> Any:
        for package in _PACKAGES:
            if find_spec(module := f"ledger{package}.{name}"):
                return import_module(module)
        raise AttributeError(name)
