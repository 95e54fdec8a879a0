"""Whatever stands in the files: no traceback, problems in order, and an exit status of 0 or 1.

A few hundred inputs each time; ``PUNCHCARD_FUZZ_EXAMPLES=20000`` makes it so many.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import SAMPLE_LEDGER, RunPunchcard, start_repository
from tests.ledger.files.memory_files import check_files

EXAMPLES = int(os.environ.get("PUNCHCARD_FUZZ_EXAMPLES", "400"))
IS_LONG = EXAMPLES > 400

ORGANIZATION = ("provider.yml", "terms.yml", "consultants.yml")
SAMPLE = {
    file.relative_to(SAMPLE_LEDGER).as_posix(): file.read_bytes()
    for file in sorted(SAMPLE_LEDGER.rglob("*.yml"))
}
SLUGS = sorted({path.partition("/")[0] for path in SAMPLE if "/" in path})
CUSTOMERS = {
    slug: {
        path: content
        for path, content in SAMPLE.items()
        if path in ORGANIZATION or path.startswith(f"{slug}/")
    }
    for slug in SLUGS
}
SMALLEST = min(CUSTOMERS.values(), key=len)
PLACES = sorted({re.sub("^[^/]+/", "acme/", path) for path in SMALLEST})

TOKENS = [
    *(",", "#", " #", "&a ", "*a", "!", "!!str ", "|", ">", "|-", "- ", ": ", "? ", "{", "}", "["),
    *("]", "'", '"', "\\", "%YAML 1.1\n", "---\n", "...\n", "<<: ", "\t", "\n", "\r", "\r\n", "  "),
    *("\n  ", "\x00", "\x1b[31m", "\x85", "\u2028", "\ufeff", "\u202e", "\U0001f4a5", "e\u0301"),
    *("~", "null", "0", "-0", "-15", "45", "4_5", "45.0", "1e9", "0x2d", "12:30", "9" * 20, ".inf"),
    *(".nan", "true", "NO", "2026-02-29", "2026-11-31", "9999-12-31", "0001-01-01", "ACME-1"),
    "2026-11-03T00:00:00",
    *("id: ", "date: ", "minutes: ", "request: ", "corrects: ", "category: ", "status: "),
    *("moved_to: ", "name: ", "key: ", "currency: ", "history:\n", "email: ", "type: refund"),
    *("type: goodwill", "2026-11-alice/03-1", "<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n"),
]
Mutation = Callable[[bytes, int, int], bytes]


def flip_byte(content: bytes, where: int, what: int) -> bytes:
    offset = where % max(len(content), 1)
    return content[:offset] + bytes([what % 256]) + content[offset + 1 :]


def cut_end(content: bytes, where: int, what: int) -> bytes:
    return content[: where % max(len(content), 1)]


def drop_line(content: bytes, where: int, what: int) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    offset = where % len(lines)
    return b"".join(lines[:offset] + lines[offset + 1 + what % 3 :])


def repeat_line(content: bytes, where: int, what: int) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    offset = where % len(lines)
    return b"".join(lines[: offset + 1] + lines[max(0, offset - what % 5) :])


def swap_lines(content: bytes, where: int, what: int) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    first, second = where % len(lines), what % len(lines)
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def indent_line(content: bytes, where: int, what: int) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    offset = where % len(lines)
    line = lines[offset]
    lines[offset] = b" " * (what % 5) + (line if what % 2 else line.lstrip())
    return b"".join(lines)


def insert_token(content: bytes, where: int, what: int) -> bytes:
    offset = where % (len(content) + 1)
    return content[:offset] + TOKENS[what % len(TOKENS)].encode() + content[offset:]


def replace_value(content: bytes, where: int, what: int) -> bytes:
    values = list(re.finditer(rb"(?<=: )[^\n,}]+", content))
    if not values:
        return content
    value = values[where % len(values)]
    return content[: value.start()] + TOKENS[what % len(TOKENS)].encode() + content[value.end() :]


def swap_values(content: bytes, where: int, what: int) -> bytes:
    values = re.findall(rb"(?<=: )[^\n,}]+", content) or [b""]
    first, second = values[where % len(values)], values[what % len(values)]
    return content.replace(first, second, 1) if first else content


def swap_digit(content: bytes, where: int, what: int) -> bytes:
    digits = [match.start() for match in re.finditer(rb"[0-9]", content)] or [0]
    return flip_byte(content, digits[where % len(digits)], ord("0") + what % 10)


MUTATIONS: list[Mutation] = [flip_byte, cut_end, drop_line, repeat_line, swap_lines]
MUTATIONS += [indent_line, insert_token, replace_value, swap_values, swap_digit]
NUMBERS = st.integers(min_value=0, max_value=2**31)


def share(part: float) -> settings:
    """Return the settings of a test that gets a part of all examples."""
    return settings(max_examples=max(20, round(EXAMPLES * part)), derandomize=not IS_LONG)


@share(0.6)
@given(
    slug=st.sampled_from(SLUGS),
    changes=st.lists(
        st.tuples(NUMBERS, st.sampled_from(MUTATIONS), NUMBERS, NUMBERS), min_size=1, max_size=4
    ),
)
def test_sample_files_that_were_tampered_with(
    slug: str, changes: list[tuple[int, Mutation, int, int]]
) -> None:
    contents = dict(CUSTOMERS[slug])
    paths = sorted(contents)
    for which, mutate, where, what in changes:
        path = paths[which % len(paths)]
        contents[path] = mutate(contents[path], where, what)
    check_files(contents)


@share(0.2)
@given(path=st.sampled_from(PLACES), parts=st.lists(st.sampled_from(TOKENS), max_size=40))
@example(path="acme/customer.yml", parts=[])
def test_tokens_in_any_order(path: str, parts: list[str]) -> None:
    check_files({"acme/customer.yml": b"", path: "".join(parts).encode()})


@share(0.1)
@given(path=st.sampled_from(PLACES), text=st.text(max_size=200))
def test_any_text(path: str, text: str) -> None:
    check_files({"acme/customer.yml": b"", path: text.encode(errors="surrogatepass")})


@share(0.1)
@given(path=st.sampled_from(PLACES), content=st.binary(max_size=200))
def test_any_bytes(path: str, content: bytes) -> None:
    check_files({"acme/customer.yml": b"", path: content})


@pytest.mark.parametrize("number", range(20))
def test_the_command_ends_with_0_or_1(number: int, punchcard: RunPunchcard, tmp_path: Path) -> None:
    root = tmp_path / "ledger"
    for index, (path, content) in enumerate(SMALLEST.items()):
        mutate = MUTATIONS[(index + number) % len(MUTATIONS)]
        file = root / "customers" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(mutate(content, 7919 * number + index, 104729 * number + index))
    start_repository(root)
    ran = punchcard(root, "check", "--as-of", "2026-11-20")
    assert ran.status in {0, 1}
    assert ran.stderr == ""
    assert ran.stdout
