"""What is said about each rule: in a line, at length, and with a smallest wrong example.

The words are in ``explanations.toml``. The examples are in ``examples.json``: a test writes it from
the example ledgers, so that what is shown is what a check really says. The page docs/rules.md and
``punchcard explain`` are made of the same words.
"""

from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

_PAGE_WIDTH = 100
_TERMINAL_WIDTH = 80
_FOLDER = resources.files("ledger.rules")


@dataclass(frozen=True)
class RuleExample:
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


@dataclass(frozen=True)
class RuleText:
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
    rules = tomllib.loads((_FOLDER / "explanations.toml").read_text(encoding="utf-8"))
    examples = json.loads((_FOLDER / "examples.json").read_text(encoding="utf-8"))
    return {
        name: RuleText(
            name=name,
            severity=words["severity"],
            says=words["says"],
            why=" ".join(words["why"].split()),
            mend=" ".join(words["mend"].split()),
            case=words.get("example", ""),
            example=RuleExample(**examples[name]) if name in examples else None,
        )
        for name, words in rules.items()
    }


def format_page(rules: Iterable[RuleText]) -> str:
    """Return the document of all rules, in Markdown."""
    listed = list(rules)
    head = (_FOLDER / "page_head.md").read_text(encoding="utf-8")
    rows = [f"| [`{rule.name}`](#{rule.name}) | {rule.severity} | {rule.says} |" for rule in listed]
    table = "\n".join(["| rule | severity | says |", "|---|---|---|", *rows])
    return "\n".join([head, table, *(_format_section(rule) for rule in listed)])


def format_explanation(rule: RuleText) -> str:
    """Return what is said about one rule on a terminal."""
    parts = [f"{rule.name} ({rule.severity}): {rule.says}", rule.why]
    if rule.example is not None:
        for words, text, _language in _show_example(rule.example, rule.example.file):
            parts += [f"{words}:", textwrap.indent(text.rstrip("\n"), "    ")]
    parts.append(f"To mend it: {rule.mend}")
    return "\n\n".join(
        part if part.startswith(" ") else _wrap(part, _TERMINAL_WIDTH) for part in parts
    )


def _format_section(rule: RuleText) -> str:
    lines = ["", f"## {rule.name}", "", f"*{rule.severity.capitalize()}:* {rule.says}.", ""]
    lines += [_wrap(rule.why), ""]
    if rule.example is not None:
        for words, text, language in _show_example(rule.example, f"`{rule.example.file}`"):
            lines += [words, "", f"```{language}", text.rstrip("\n"), "```", ""]
    lines.append(_wrap(f"**To mend it:** {rule.mend}"))
    return "\n".join([*lines, ""])


def _show_example(example: RuleExample, file: str) -> Iterator[tuple[str, str, str]]:
    """Yield what to write above each block of an example, the block, and its language."""
    if example.before:
        yield f"For example, if {file} was", example.before, "yaml"
        yield "at the base, and is now", example.source, "yaml"
    else:
        yield f"For example, in {file}", example.source, "yaml"
    yield "the check says", example.output, "text"


def _wrap(text: str, width: int = _PAGE_WIDTH) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
