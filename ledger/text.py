"""Text in messages and figures: quoting, nearest names, the order of ids, money, canonical JSON."""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

DIGEST_KEY = "digest"
_LONGEST_QUOTE = 40
_LONGEST_NAME = 80
_MOST_QUESTIONS = 200
_MOST_COMPARISONS = 100_000
_MOST_NAMED = 5
_DIGITS = re.compile(r"([0-9]+)")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\N{LEFT-TO-RIGHT EMBEDDING}-\N{RIGHT-TO-LEFT OVERRIDE}"
    "\N{LEFT-TO-RIGHT ISOLATE}-\N{POP DIRECTIONAL ISOLATE}]"
)
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"

NaturalKey = tuple[tuple[tuple[int, int, str], ...], str]


def quote_value(value: object) -> str:
    """Return a value as a message shows it: quoted, on one line, not too long."""
    text = repr(value[: _LONGEST_QUOTE + 1] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 2]}…{text[0]}"


def make_printable(text: str) -> str:
    """Return a file's text safe to print: controls are escaped, what joins characters is none."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _JOINERS else ascii(char)[1:-1] for char in text
    )


def escape_controls(text: str) -> str:
    """Return a text with escapes for what a terminal acts on; lines and tabs stay."""
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


def format_json(value: Any) -> str:
    """Return a value as indented JSON; what a terminal would act on is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def make_slug(text: str) -> str:
    """Return what people read as an id of small letters and hyphens: ``contract-review``."""
    return re.sub(r"[\s_/-]+", "-", text.strip().casefold()).strip("-")


def cut_text(text: str, longest: int) -> str:
    """Return a text, cut where it is longer than so many characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def count_nouns(number: int, noun: str) -> str:
    """Return ``1 card`` or ``2,000 cards``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_some(names: Sequence[str]) -> str:
    """Return the first names of a list as a message has them, and how many more there are."""
    shown, rest = ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown


class NameGuesser:
    """Guesses what misspelt names mean; of very many different ones only the first hundreds.

    A broken file of 50,000 misspelt keys takes no longer to report than one of a few.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, tuple[str, ...]], str | None] = {}
        self._compared = 0

    def find(self, wrong: str, names: Iterable[str]) -> str | None:
        """Return the one of ``names`` that is most like ``wrong``, or None if none is like it."""
        question = (wrong[:_LONGEST_NAME], tuple(names))
        is_cheap = len(self._answers) < _MOST_QUESTIONS and self._compared < _MOST_COMPARISONS
        if question not in self._answers and is_cheap:
            self._compared += len(question[1])
            by_folded = {name.casefold(): name for name in sorted(question[1], reverse=True)}
            near = difflib.get_close_matches(question[0].casefold(), by_folded, n=1, cutoff=0.6)
            self._answers[question] = by_folded[near[0]] if near else None
        return self._answers.get(question)

    def suggest(self, wrong: str, names: Iterable[str]) -> str:
        """Return ``did you mean X?``, or an empty text if nothing is near."""
        nearest = self.find(wrong, names)
        return f"did you mean {nearest}?" if nearest else ""


def shorten_id(commit: str) -> str:
    """Return the form of a commit's id that people read."""
    return commit[:10]


def suggest_name(wrong: str, names: Iterable[str]) -> str:
    """Return ``did you mean X?``, or an empty text if nothing is near."""
    return NameGuesser().suggest(wrong, names)


def fold_address(address: str) -> str:
    """Return one form for all ways to write an e-mail address: small letters, an ASCII domain."""
    local, _at, domain = address.rpartition("@")
    if not domain.isascii():
        with suppress(UnicodeError):
            domain = domain.encode("idna").decode()
    return f"{local}@{domain}".casefold()


def natural_key(text: str) -> NaturalKey:
    """Return a key that sorts texts with their runs of digits as numbers: P2 before P10.

    Texts that differ only in leading zeros are still told apart, so that the order is total.
    """
    parts = tuple(
        (0, int(part), "") if part[0] in "0123456789" else (1, 0, part)
        for part in _DIGITS.split(text)
        if part
    )
    return parts, text


def compute_digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, as ``sha256:...``."""
    return f"sha256:{hashlib.sha256(format_canonical_json(value)).hexdigest()}"


def format_canonical_json(value: Any) -> bytes:
    """Return a value as JSON with sorted keys and no spaces."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return canonical.encode("utf-8", "surrogatepass")


def add_digest(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with the digest of all its other keys as its last."""
    rest = {key: value for key, value in answer.items() if key != DIGEST_KEY}
    return {**rest, DIGEST_KEY: compute_digest(rest)}
