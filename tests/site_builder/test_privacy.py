"""What must not stand in a portal: another customer's words, internal notes, paths, keys."""

from pathlib import Path

import pytest

from tests.site_builder.built_pages import read_all_files, read_pdf

FIRST_WORDS = ("Zephyrine", "zephyrine", "ONE-1", "2026-02-alice", "Alice Moreau", "first")
SECOND_WORDS = ("Quillfeather", "quillfeather", "TWO-1", "2026-02-ben", "Ben Okafor", "second")
SHOWN_FIELDS = (
    "Customer Zephyrine",
    "Product Zephyrine",
    "Service Zephyrine",
    "Zephyrine@customer.example",
    "Person Zephyrine",
    "INV-Zephyrine",
    "Sorry Zephyrine",
    "Back Zephyrine",
    "Title Zephyrine",
    "TICKET-Zephyrine",
    "Description Zephyrine",
    "Event Zephyrine",
    "Moved Zephyrine",
    "MOVED-Zephyrine",
    "Note Zephyrine",
    "Correction Zephyrine",
    "Support Zephyrine",
)
# The theme's own files have words of their own, the same in every portal.
THEME_FILES = "assets/"


def read_portal(portal: Path) -> dict[str, str]:
    """Return the files that are made of data, as text, each with its path as first line."""
    return {
        path: f"{path}\n{read_pdf(content) if path.endswith('.pdf') else content.decode('utf-8')}"
        for path, content in read_all_files(portal).items()
        if not path.startswith(THEME_FILES)
    }


@pytest.mark.parametrize(("portal", "words"), [("first", SECOND_WORDS), ("second", FIRST_WORDS)])
def test_no_word_of_another_customer(
    portal: str, words: tuple[str, ...], two_portals: Path
) -> None:
    """Neither names nor ids, addresses, notes or file names: not in any file of the other."""
    for path, text in read_portal(two_portals / portal).items():
        found = [word for word in words if word in text and not _is_plain_english(word, path)]
        assert not found, path


def _is_plain_english(word: str, path: str) -> bool:
    # "first" and "second" are also words of fixed texts, which are on pages only.
    return word in {"first", "second"} and path.endswith(".html")


def test_everything_of_ones_own_is_there(two_portals: Path) -> None:
    """The test above would pass on empty pages; this one would not."""
    everything = "\n".join(read_portal(two_portals / "first").values())
    missing = [field for field in SHOWN_FIELDS if field not in everything]
    assert not missing
    assert "Note Zephyrine" in read_portal(two_portals / "first")["search.html"]


@pytest.mark.parametrize("portal", ["first", "second"])
def test_nothing_internal(portal: str, two_portals: Path) -> None:
    """Internal notes, key hashes, and where anything lies in the repository stay inside."""
    for path, text in read_portal(two_portals / portal).items():
        for word in ("Internal-", "internal_note", "SecretHash", "key_hash", "customers/", ".yml"):
            assert word not in text, path


def test_sample_portals_hold_no_internal_notes(sample_portals: Path) -> None:
    for path, content in read_all_files(sample_portals).items():
        assert b"For us only" not in content, path


def test_portals_lie_apart_and_name_nobody_else(two_portals: Path) -> None:
    """The list of portals lies beside them, and there is no page that leads to both."""
    assert sorted(entry.name for entry in two_portals.iterdir()) == [
        "first",
        "punchcard-portals.json",
        "second",
    ]


def test_no_sitemap_and_no_trace_of_the_build(two_portals: Path) -> None:
    """A private portal is not to be found, and says nothing of the machine it was built on."""
    files = read_all_files(two_portals)
    assert not [path for path in files if "sitemap" in path or path.endswith((".map", ".md"))]
    for path, content in files.items():
        assert str(two_portals.parent).encode() not in content, path
        if path.endswith(".html"):
            assert b'name="robots" content="noindex' in content, path
            assert b'name="generator"' not in content, path
