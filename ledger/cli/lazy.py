"""The modules behind the commands, each imported when it is first used.

``lazy.sales`` is ``ledger.writing.sales``. Help and completion use none of them, and are quick.
"""
# ruff: noqa: F401  # what is imported for the type checker is used by the commands

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger import cache, check, git, ledger, models, setup_checks, wording, workers
    from ledger.balance import (
        draw_down,
        hours,
        json_values,
        portal_life,
        request_summary,
        revenue,
        statement,
        summary,
    )
    from ledger.exchange import exports, imported_time, row_mapping, tracker_files
    from ledger.files import durable_files, json_schema, layout, reader, yaml
    from ledger.history import audit, comparison, history_check, hooks, publications, record_story
    from ledger.intake import access_keys, mail, mailboxes, receive, sign_ins, worker
    from ledger.models import fields
    from ledger.notices import delivery, letters
    from ledger.output import formats
    from ledger.rules import context, explain
    from ledger.writing import (
        customers,
        draft,
        entry_search,
        merge,
        new_ledger,
        requests,
        sales,
        time_entries,
        workday,
        write,
        yaml_text,
    )
else:
    # Of modules of one name in two packages the first is meant: ``time_entries`` is that of
    # ``writing``. The models come last, for their package imports pydantic.
    _PACKAGES = (
        *("", ".writing", ".balance", ".history", ".files", ".exchange", ".intake", ".notices"),
        *(".output", ".rules", ".models"),
    )

    def __getattr__(name: str) -> Any:
        for package in _PACKAGES:
            if find_spec(module := f"ledger{package}.{name}"):
                return globals().setdefault(name, import_module(module))
        raise AttributeError(name)
