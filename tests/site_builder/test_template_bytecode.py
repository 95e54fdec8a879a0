"""Compiled templates are kept for the same text and the same program, and for nothing else."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest

from ledger.loader import open_ledger
from site_builder.configuration import find_configuration
from site_builder.ledger_views import view_portal
from site_builder.mkdocs_site import builder
from site_builder.mkdocs_site.builder import SiteBuilder
from site_builder.pages import template_bytecode
from site_builder.pages.portal_site import render_portal
from site_builder.pages.template_bytecode import TemplateBytecode
from tests.site_builder.conftest import SAMPLE_DAY


@pytest.fixture(autouse=True)
def _python_writes_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """Return a folder with a template."""
    folder = tmp_path / "ours"
    folder.mkdir()
    write(folder, "{{ 6 * 7 }}")
    return folder


def write(folder: Path, text: str) -> None:
    (folder / "page.html").write_text(text, encoding="utf-8")


def count_compilations(ours: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Render the page of ``folder`` as a new process would; return how often Jinja compiled."""
    compiled: list[str | None] = []
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        bytecode_cache=TemplateBytecode([ours], ours),
    )
    compile_ = environment.compile

    def note(source: str, name: str | None, filename: str | None) -> object:
        compiled.append(name)
        return compile_(source, name, filename)

    monkeypatch.setattr(environment, "compile", note)
    expected = (folder / "page.html").read_text().replace("{{ 6 * 7 }}", "42")
    assert environment.get_template("page.html").render() == expected
    return len(compiled)


def list_kept(folder: Path) -> list[Path]:
    return sorted((folder / "__pycache__").iterdir())


def test_the_second_process_need_not_compile(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file is kept, and nothing that was written aside is left."""
    assert count_compilations(ours, ours, monkeypatch) == 1
    assert [path.suffix for path in list_kept(ours)] == [".jinja"]
    assert count_compilations(ours, ours, monkeypatch) == 0


def test_another_text_is_compiled(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept of the text before is replaced."""
    count_compilations(ours, ours, monkeypatch)
    write(ours, "other: {{ 6 * 7 }}")
    assert count_compilations(ours, ours, monkeypatch) == 1
    assert count_compilations(ours, ours, monkeypatch) == 0
    assert len(list_kept(ours)) == 1


def test_another_program_compiles_anew(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code generator, its Jinja or its Python may be another."""
    count_compilations(ours, ours, monkeypatch)
    monkeypatch.setattr(template_bytecode, "digest_program", lambda: "another")
    assert count_compilations(ours, ours, monkeypatch) == 1


@pytest.mark.parametrize("keep", [slice(0, -1), slice(0, 10), slice(0, 0), slice(1, None)])
def test_what_is_damaged_is_a_miss(
    keep: slice, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced by what is right."""
    count_compilations(ours, ours, monkeypatch)
    (kept,) = list_kept(ours)
    content = kept.read_bytes()
    kept.write_bytes(content[keep])
    assert count_compilations(ours, ours, monkeypatch) == 1
    assert kept.read_bytes() == content


def test_templates_of_others_are_not_kept(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is put into a provider's repository, and theirs is never taken for ours."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    write(theirs, "{{ 6 * 7 }}")
    count_compilations(ours, ours, monkeypatch)
    assert count_compilations(ours, theirs, monkeypatch) == 1
    assert count_compilations(ours, theirs, monkeypatch) == 1
    assert not (theirs / "__pycache__").exists()


def render(ours: Path, change: Callable[[jinja2.Environment], object]) -> str:
    """Return the page as an environment makes it that somebody has changed."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ours),
        autoescape=True,
        bytecode_cache=TemplateBytecode([ours], ours),
    )
    environment.filters["say"] = lambda value: f"said {value}"
    change(environment)
    return environment.get_template("page.html").render()


@jinja2.pass_context
def say_in_context(_context: jinja2.runtime.Context, value: object) -> str:
    return f"said in context {value}"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda env: setattr(env, "trim_blocks", True), "42said A"),
        (lambda env: env.filters.update(say=say_in_context), "\n42said in context A"),
        (lambda env: setattr(env, "variable_start_string", "<<"), None),
    ],
    ids=["whitespace", "a filter that is told of the context", "delimiters"],
)
def test_other_settings_are_compiled_for_themselves(
    change: Callable[[jinja2.Environment], object], expected: str | None, ours: Path
) -> None:
    """In either order: what one has kept is nothing to the other."""
    write(ours, "{% set a = 'A' %}\n{{ 6 * 7 }}{{ a | say }}")
    plain = "\n42said A"
    for _ in range(2):
        assert render(ours, lambda env: env) == plain
        changed = render(ours, change)
        assert changed != plain
        assert expected is None or changed == expected


@pytest.mark.parametrize("adds_hook", [False, True])
def test_of_a_theme_nothing_is_kept_where_others_have_a_hand_in_it(
    adds_hook: bool, two_customers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook can change the theme's environment in ways that nobody can list."""
    kept: list[object] = []
    monkeypatch.setattr(builder, "keep_compiled", kept.append)
    configuration = tmp_path / "mkdocs.yml"
    shutil.copyfile(find_configuration(None), configuration)
    (tmp_path / "site_builder" / "brand").mkdir(parents=True)
    if adds_hook:
        (tmp_path / "hooks.py").write_text("def on_env(env, config, files):\n    return env\n")
        with configuration.open("a") as file:
            file.write("hooks: [hooks.py]\n")
    with open_ledger(two_customers) as ledger:
        site = render_portal(view_portal(ledger, "first", SAMPLE_DAY))
    SiteBuilder(configuration).build(site, tmp_path / "site")
    assert bool(kept) is not adds_hook


def test_others_cannot_write_what_is_kept(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is code, whatever mask a job has."""
    before = os.umask(0)
    try:
        count_compilations(ours, ours, monkeypatch)
    finally:
        os.umask(before)
    (kept,) = list_kept(ours)
    assert [oct(path.stat().st_mode & 0o777) for path in (kept, kept.parent)] == ["0o644", "0o755"]


def test_nothing_is_kept_where_python_keeps_nothing(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with ``python -B``."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert count_compilations(ours, ours, monkeypatch) == 1
    assert not (ours / "__pycache__").exists()


def test_where_nothing_can_be_written_pages_are_made_all_the_same(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands in the way of the folder, which even root cannot write into."""
    (ours / "__pycache__").touch()
    assert count_compilations(ours, ours, monkeypatch) == 1
    assert count_compilations(ours, ours, monkeypatch) == 1


def test_it_lies_where_python_was_told_to_put_such_files(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with ``PYTHONPYCACHEPREFIX``."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    count_compilations(ours, ours, monkeypatch)
    assert not (ours / "__pycache__").exists()
    assert count_compilations(ours, ours, monkeypatch) == 0
