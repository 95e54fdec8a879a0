"""Files read in one step are each read as it would be by itself, whatever stands beside it.

``PUNCHCARD_FUZZ_EXAMPLES=20000`` looks at more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.ledger_files import MAX_FILE_BYTES, FileKind, LedgerFile
from ledger.reading.file_reader import FileReader
from ledger.reading.plain_files import read_plain_files
from tests.ledger.reading.memory_files import MemoryFiles
from tests.ledger.reading.test_plain_forms import PIECES, PLAIN, change_text
from tests.ledger.reading.test_plain_records import EXAMPLES, ODD_TEXTS

KINDS = ("time", "request", "purchases")
TEXTS = {kind: [text for each, text in PLAIN if each == kind] for kind in KINDS}
ENTRY = b"- id: 1\n  date: 2026-11-03\n  request: A-1\n  minutes: 15\n  note: x\n"
REQUEST = (
    b"title: x\ncategory: onboarding\nopened: 2026-11-03\nopened_by: alice\nchannel: punchcard\n"
)
EVENT = b"  - {date: 2026-11-04, by: alice, status: open}\n"


def assert_read_alike(kind: str, sources: Sequence[bytes]) -> None:
    """Hold what is read together against what is read file by file."""
    together = read_plain_files(kind, sources)
    alone = [read_plain_files(kind, [source])[0] for source in sources]
    assert repr(together) == repr(alone)


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_are_of_the_form_are_read_at_once(kind: str) -> None:
    assert all(records is not None for records in read_plain_files(kind, TEXTS[kind]))
    assert_read_alike(kind, TEXTS[kind])
    assert read_plain_files(kind, []) == []


def test_about_other_kinds_of_files_it_has_no_opinion() -> None:
    assert read_plain_files("customer", [b"name: x\n", b"name: y\n"]) == [None, None]


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_files_of_which_some_are_odd(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    sources = data.draw(st.lists(st.sampled_from(TEXTS[kind]), max_size=5))
    changed = data.draw(st.sets(st.integers(0, 4), max_size=3))
    assert_read_alike(
        kind,
        [
            change_text(text, data) if place in changed else text
            for place, text in enumerate(sources)
        ],
    )


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_files_that_were_cut_elsewhere(data: st.DataObject) -> None:
    """Where one ends in the middle of a record, the next one begins there."""
    kind = data.draw(st.sampled_from(KINDS))
    whole = b"".join(data.draw(st.lists(st.sampled_from(TEXTS[kind]), min_size=1, max_size=4)))
    line_ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    cut = st.one_of(st.sampled_from(line_ends), st.integers(0, len(whole)))
    places = [0, *sorted(data.draw(st.lists(cut, max_size=5))), len(whole)]
    assert_read_alike(kind, [whole[start:end] for start, end in pairwise(places)])


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_files_with_something_at_their_borders(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    sources = data.draw(st.lists(st.sampled_from(TEXTS[kind]), min_size=1, max_size=4))
    pieces = st.one_of(st.just(""), st.sampled_from([*PIECES, *ODD_TEXTS]))
    texts = []
    for source in sources:
        before, after = data.draw(st.tuples(pieces, pieces))
        cut = data.draw(st.integers(0, 3))
        body = source[: len(source) - cut] if cut else source
        start, end = (text.encode("utf-8", "surrogatepass") for text in (before, after))
        texts.append(start + body + end)
    assert_read_alike(kind, texts)


@pytest.mark.parametrize(
    "sources",
    [
        [ENTRY.replace(b"note: x", b"note x"), ENTRY.replace(b"note: x", b"note: x: y")],
        [ENTRY.replace(b"  note: x\n", b""), b"  note: x\n"],
        [ENTRY.replace(b"  note: x\n", b""), b"  note: x\n" + ENTRY],
        [ENTRY, b""],
        [ENTRY, b"\n"],
        [ENTRY[:-1], ENTRY],
        [ENTRY + b"\n", ENTRY],
        [ENTRY, b"\xef\xbb\xbf" + ENTRY],
        [ENTRY + "é".encode()[:1], "é".encode()[1:] + ENTRY],
        [ENTRY + b"- x\n", ENTRY],
        [ENTRY, ENTRY * (MAX_FILE_BYTES // len(ENTRY) + 1)],
        [ENTRY * (MAX_FILE_BYTES // len(ENTRY)), ENTRY],
        [ENTRY.replace(b"15", b"1x"), ENTRY],
        [ENTRY.replace(b"x\n", b"- id: 2\n"), ENTRY],
    ],
)
def test_lists_that_only_together_seem_to_be_right(sources: list[bytes]) -> None:
    assert_read_alike("time", sources)


@pytest.mark.parametrize(
    "sources",
    [
        [REQUEST + b"history:\n", EVENT],
        [REQUEST + b"history:\n", REQUEST + EVENT],
        [REQUEST + b"history:\n" + EVENT * 2, REQUEST],
        [REQUEST + REQUEST, REQUEST],
        [REQUEST + REQUEST, b"title: x\n"],
        [REQUEST + b"description: |\n", b"  title: x\n"],
        [REQUEST + b"description: |\n  x\n\n", REQUEST],
        [REQUEST + b"description: |\n  x\n", b"\n" + REQUEST],
        [REQUEST + b"description: |\n  title: x\n" + REQUEST[9:], REQUEST],
        [REQUEST.replace(b"alice", b"alice:"), REQUEST.replace(b"alice", b"a: b")],
        [REQUEST.replace(b"title: x", b"title: a: b"), REQUEST.replace(b"title: x", b"title x")],
        [REQUEST + b"history:\n" + EVENT.replace(b"{", b"{{"), REQUEST],
        [
            REQUEST + b"history:\n" + EVENT.replace(b"}", b""),
            REQUEST + b"history:\n" + EVENT.replace(b"}", b"}}"),
        ],
        [REQUEST + b"history:\n" + EVENT.replace(b", status: open", b""), REQUEST],
        [REQUEST.replace(b"category: onboarding\n", b""), REQUEST],
    ],
)
def test_requests_that_only_together_seem_to_be_right(sources: list[bytes]) -> None:
    assert_read_alike("request", sources)


class OddFiles(MemoryFiles):
    """Files of which some cannot be read."""

    def read(self, path: str) -> bytes:
        """See ``LedgerFiles``."""
        if "gone" in path:
            raise FileNotFoundError(path)
        if "locked" in path:
            raise PermissionError(13, "Permission denied", path)
        return super().read(path)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_reader_says_the_same_of_files_together_and_one_by_one(data: st.DataObject) -> None:
    listed: list[tuple[LedgerFile, str]] = []
    contents: dict[str, bytes] = {}
    for number in range(data.draw(st.integers(0, 6))):
        kind = data.draw(st.sampled_from(KINDS))
        text = data.draw(st.sampled_from(TEXTS[kind]))
        name = data.draw(st.sampled_from(["plain", "plain", "odd", "gone", "locked", "bad"]))
        path = f"c/{name}{number}.yml"
        contents[path] = (
            change_text(text, data) if name == "odd" else b"- x\n" if name == "bad" else text
        )
        file_kind = data.draw(st.sampled_from([*[FileKind.FILE] * 5, FileKind.LINK]))
        size = data.draw(st.sampled_from([*[len(text)] * 5, MAX_FILE_BYTES + 1]))
        listed.append((LedgerFile(path, file_kind, size), kind))
    together, one_by_one = FileReader(OddFiles(contents)), FileReader(OddFiles(contents))
    assert repr(together.read_all(listed)) == repr([one_by_one.read(*each) for each in listed])
    assert together.problems == one_by_one.problems
    assert list(together.texts.sources.items()) == list(one_by_one.texts.sources.items())
    assert together.file_count == one_by_one.file_count == len(listed)
    assert together.record_count == one_by_one.record_count
