"""The Python that Jinja makes of our templates, with less around each word that is put out.

Jinja would pass each value through a function that prepares it, one that escapes it, and one that
marks it as escaped; and would tell each function that is called of the loop it is called in. A
quarter of a build from nothing would be spent there. What is put out stays the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

from site_builder.pages.untrusted import make_visible

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.compiler import Frame

_MOST = 1 << 14
_LONGEST = 64


class QuickCode(CodeGenerator):
    """Writes calls of ``environment.show`` where Jinja would write three, around what is shown."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.show(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write(")")

    def visit_Call(  # noqa: N802 - the name is Jinja's
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        """Write a call; nothing that our templates call asks for the loop or block around it."""
        self.write("context.call(")
        self.visit(node.node, frame)
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")


def make_shower() -> Callable[[object], str]:
    """Return the function that makes HTML of a value; it remembers short texts."""
    known: dict[str, str] = {}

    def show(value: object) -> str:
        """Return a value as HTML, with what is disturbing in a text made visible."""
        if type(value) is not str:
            return _show_any(value)
        try:
            return known[value]
        except KeyError:
            pass
        shown = str(escape(make_visible(value)))
        if len(value) <= _LONGEST:
            if len(known) >= _MOST:
                known.clear()
            known[value] = shown
        return shown

    return show


def prepare(value: object) -> object:
    """Return a value as it is to be escaped: with what is disturbing in a text made visible."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return make_visible(value)
    return value


def _show_any(value: object) -> str:
    return value if type(value) is Markup else escape(prepare(value))
