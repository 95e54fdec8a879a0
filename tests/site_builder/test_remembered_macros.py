"""What a macro said is said again only for the very same values."""

from __future__ import annotations

import jinja2
import pytest
from markupsafe import Markup

from site_builder.pages.remembered_macros import QuickContext, remember_macros

MACROS = """
{%- macro cell(label, content=none) -%}
<td title="{{ label }}">{{ caller() if caller is defined else content }}</td>
{%- endmacro -%}
"""


@pytest.fixture
def environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"macros.html": MACROS}), autoescape=True
    )
    environment.context_class = QuickContext
    remember_macros(environment.get_template("macros.html").module)
    return environment


def render(environment: jinja2.Environment, source: str, **values: object) -> str:
    return environment.from_string(f'{{% import "macros.html" as m %}}{source}').render(values)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<b>", Markup("<b>")),
        (1, True),
        (0, 0.0),
        ("1", 1),
        (None, "None"),
    ],
)
def test_values_that_are_equal_and_not_the_same(
    environment: jinja2.Environment, first: object, second: object
) -> None:
    source = "{{ m.cell('x', value) }}"
    plain = jinja2.Environment(loader=environment.loader, autoescape=True)
    for value in (first, second, first, second):
        expected = render(plain, source, value=value)
        assert render(environment, source, value=value) == expected


def test_calls_that_are_not_remembered(environment: jinja2.Environment) -> None:
    """A block, names, and what has no hash."""
    source = "{% for v in vs %}{% call m.cell(v) %}{{ loop.index }}{{ v }}{% endcall %}{% endfor %}"
    cells = '<td title="a">1a</td><td title="a">2a</td>'
    assert render(environment, source, vs=["a", "a"]) == cells
    assert render(environment, "{{ m.cell('x', content=v) }}", v=1) == '<td title="x">1</td>'
    assert render(environment, "{{ m.cell('x', v) }}", v=[1]) == '<td title="x">[1]</td>'
    assert render(environment, "{{ m.cell('x', v) }}", v=[2]) == '<td title="x">[2]</td>'


def test_what_wants_to_know_its_surroundings_is_told(environment: jinja2.Environment) -> None:
    environment.globals["see"] = jinja2.pass_context(lambda context, name: context[name])
    environment.globals["plain"] = lambda value: f"<{value}>"
    source = "{% for v in [1] %}{{ see('x') }}{{ plain(v) }}{{ x.upper() }}{% endfor %}"
    assert render(environment, source, x="y") == "y&lt;1&gt;Y"


def test_the_memory_is_bounded(
    environment: jinja2.Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins again when it is full, and says the same."""
    monkeypatch.setattr("site_builder.pages.remembered_macros._MOST", 2)
    for value in (1, 2, 3, 1, 2, 3):
        expected = f'<td title="x">{value}</td>'
        assert render(environment, "{{ m.cell('x', v) }}", v=value) == expected
