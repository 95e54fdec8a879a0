"""The versions of libraries are those that Python's own library says."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from site_builder.versions import list_versions

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: of the text\n"


def install(folder: Path, name: str, version: str, info: str | None = None) -> None:
    place = folder / (info or f"{name.replace('-', '_')}-{version}.dist-info")
    place.mkdir(parents=True)
    (place / "METADATA").write_text(METADATA.format(name=name, version=version))


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes before all others."""
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), *sys.path])
    return tmp_path / "first"


def ask(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return "unknown"


def test_they_are_those_that_are_installed() -> None:
    found = list_versions()
    assert found.pop("python") == ".".join(map(str, sys.version_info[:3]))
    assert found == {name: ask(name) for name in found}
    assert found["pyyaml"] != "unknown"


@pytest.mark.parametrize(
    ("name", "version", "info"),
    [
        ("mkdocs-material", "99.1", None),
        ("MarkupSafe", "99.1", None),
        ("PyYAML", "99.1.post1", None),
        ("mkdocs.material", "99.1+local.1", None),
        ("mkdocs", "99.1-2", None),
        ("mkdocs", "99.1", "mkdocs.egg-info"),
        ("mkdocs", "99.1", "mkdocs-99.1.egg-info"),
    ],
)
def test_what_comes_first_counts(
    libraries: Path, name: str, version: str, info: str | None
) -> None:
    install(libraries, name, version, info)
    if info is not None:
        (libraries / info / "METADATA").rename(libraries / info / "PKG-INFO")
    normal = name.lower().replace(".", "-")
    assert list_versions()[normal] == ask(normal) == version


def test_of_two_in_one_place_it_is_the_one_that_is_asked_for(libraries: Path) -> None:
    install(libraries, "mkdocs", "98.0")
    install(libraries, "mkdocs", "99.0")
    assert list_versions()["mkdocs"] == ask("mkdocs")


def test_what_is_no_path_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list_versions()
    monkeypatch.setattr(sys, "path", [b"/nowhere", *sys.path])
    assert list_versions() == expected


def test_a_folder_that_is_not_there_has_none(libraries: Path) -> None:
    assert not libraries.exists()
    assert list_versions()["mkdocs"] == ask("mkdocs")
