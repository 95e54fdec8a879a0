"""What is said about each rule: in a line, and at length, with a smallest wrong example.

The words are in ``explanations.toml``. The examples are in ``examples.json``: a test writes it from
the example ledgers, so that what is shown is what a check really says.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib import resources
from typing import Any, NamedTuple


class RuleExample(NamedTuple):
    """A smallest ledger that breaks a rule.

    Attributes:
        file: the file to look at.
        source: its text.
        output: what a check says, without the summary line.
        before: its text at the base; empty where one ledger alone breaks the rule.
    """

    file: str
    source: str
    output: str
    before: str = ""


class RuleText(NamedTuple):
    """A rule in words.

    Attributes:
        severity: ``error`` or ``warning``.
        says: what it reports, in a line.
        why: the reason, with the term of sale it comes from.
        mend: what to do.
        case: the example's name in the gallery.
        example: None as long as a new rule's was not written.
    """

    name: str
    severity: str
    says: str
    why: str
    mend: str
    case: str
    example: RuleExample | None


@cache
def load_rule_texts() -> dict[str, RuleText]:
    """Return all rules by name, in the order in which they are listed to people."""
    rules = tomllib.loads(_read("explanations.toml"))
    examples = json.loads(_read("examples.json"))
    return {name: _make_text(name, words, examples.get(name)) for name, words in rules.items()}


def _make_text(name: str, words: dict[str, str], example: dict[str, str] | None) -> RuleText:
    return RuleText(
        name=name,
        severity=words["severity"],
        says=words["says"],
        why=_join_lines(words["why"]),
        mend=_join_lines(words["mend"]),
        case=words.get("example", ""),
        example=RuleExample(**example) if example else None,
    )


def _join_lines(text: str) -> str:
    return " ".join(text.split())


def _read(name: str) -> str:
    folder: Any = resources.files("ledger.rules")
    text: str = (folder / name).read_text(encoding="utf-8")
    return text
