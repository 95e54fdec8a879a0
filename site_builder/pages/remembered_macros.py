"""Calls in templates, made quick: pages call small macros thousands of times.

A table has the same labels in each of its rows, and a statement the same few durations: Jinja
needs longer to call a macro than to put out what it said the last time. And before it calls
anything, it looks whether that wants to be told of its surroundings, which ours never does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro

_MOST = 4096
_PLAIN = frozenset({BuiltinMethodType, FunctionType, MethodType})


class QuickContext(Context):
    """The names that a template knows; it calls what is plain without further ado."""

    def call(self, called: Any, /, *values: Any, **named: Any) -> Any:
        """Call a macro, a function or a method, as Jinja does."""
        kind = type(called)
        if kind is Macro:
            self._forget_surroundings(named)
            return called(self.eval_ctx, *values, **named)
        if kind in _PLAIN and not hasattr(called, "jinja_pass_arg"):
            self._forget_surroundings(named)
            return called(*values, **named)
        return super().call(called, *values, **named)

    @staticmethod
    def _forget_surroundings(named: dict[str, Any]) -> None:
        if named:
            named.pop("_block_vars", None)
            named.pop("_loop_vars", None)


def remember_macros(module: TemplateModule) -> None:
    """Let the macros of a module, which depend on nothing but what they are given, remember.

    Whoever imports the module without the context of a page gets these.
    """
    for name, value in vars(module).items():
        if isinstance(value, Macro):
            setattr(module, name, _remember(value))


def _remember(macro: Macro) -> Callable[..., Any]:
    known: dict[Hashable, Any] = {}

    def call(*values: Any, **named: Any) -> Any:
        if named:
            return macro(*values, **named)
        # Text that is HTML already equals the same text that is yet to be escaped; and 1 is True.
        key = (values, *map(type, values))
        try:
            return known[key]
        except KeyError:
            pass
        except TypeError:
            return macro(*values)
        if len(known) >= _MOST:
            known.clear()
        known[key] = made = macro(*values)
        return made

    return call
