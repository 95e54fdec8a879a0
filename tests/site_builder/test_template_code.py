"""What our templates put out is what Jinja would have made of them, only sooner."""

from __future__ import annotations

from enum import StrEnum

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from site_builder.pages import template_code
from site_builder.pages.remembered_macros import QuickContext
from site_builder.pages.template_code import QuickCode, make_shower, prepare


class _Word(StrEnum):
    ODD = "a<b"


_VALUES = [
    "plain",
    "<b>&\"'</b>",
    "turned \u202e round",
    "líne\r\nends\x0b",
    "x" * 100 + "<",
    Markup("<b>bold</b>"),
    Markup("\u202e"),
    _Word.ODD,
    "",
    None,
    0,
    1.5,
    True,
    ["<", "\u202e"],
]
_MACRO = "{% macro show(a, b=1) %}<i>{{ a }}{{ b }}{{ caller() }}</i>{% endmacro %}"
_LOOP = "{% for a in [value] %}{% call show(a, b=a) %}{{ a }}{% endcall %}{% endfor %}"
_TEMPLATES = [
    "{{ value }}",
    "{{ value }} and {{ value }}{# nothing #}",
    "{% for each in [value, value] %}{{ loop.index }}{{ each }}{{ say(each) }}{% endfor %}",
    _MACRO + _LOOP,
    "{% block body %}{{ say(value, end=value) }}{{ '%s' | format(value) }}{% endblock %}",
    "{% autoescape false %}{{ value }}{% endautoescape %}",
    "{{ value ~ '<' }}{{ '<b>' | safe }}{{ '<' }}{{ 7 }}",
]


def _say(value: object, end: object = "") -> str:
    return f"[{value}]{end}"


def _make(*, quick: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=prepare,
        extensions=["jinja2.ext.do"],
    )
    environment.globals["say"] = _say
    if quick:
        environment.context_class = QuickContext
        environment.code_generator_class = QuickCode
        environment.show = make_shower()  # type: ignore[attr-defined]  # what QuickCode calls
    return environment


_QUICK, _PLAIN = _make(quick=True), _make(quick=False)


@pytest.mark.parametrize("template", _TEMPLATES)
@pytest.mark.parametrize("value", _VALUES, ids=repr)
def test_templates_say_what_jinja_would_make_them_say(template: str, value: object) -> None:
    expected = _PLAIN.from_string(template).render(value=value)
    assert _QUICK.from_string(template).render(value=value) == expected


def test_what_is_shown_takes_one_call() -> None:
    code = _QUICK.compile("{{ value }}", raw=True)
    assert "environment.show(" in code
    assert "escape(" not in code
    assert "finalize(" not in code


@given(st.lists(st.text(max_size=80)))
def test_any_texts_are_shown_as_jinja_would_show_them(values: list[str]) -> None:
    template = "{% for value in values %}{{ value }}|{% endfor %}"
    expected = _PLAIN.from_string(template).render(values=values)
    assert _QUICK.from_string(template).render(values=values) == expected


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="unknown"):
        _QUICK.from_string("{{ unknown }}").render()
    with pytest.raises(jinja2.UndefinedError, match="unknown"):
        _QUICK.from_string("{{ unknown('x') }}").render()


def test_it_does_not_remember_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_code, "_MOST", 2)
    show = make_shower()
    shown = [show(text) for text in ("<", ">", "&", "<", ">")]
    assert shown == ["&lt;", "&gt;", "&amp;", "&lt;", "&gt;"]
