"""What is said about each rule: in a line, at length, and with a smallest wrong example.

The words are in ``explanations.toml``. The examples are in ``examples.json``: a test writes it from
the example ledgers, so that what is shown is what a check really says.
"""

import json
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

_WIDTH = 80
_FOLDER = resources.files("ledger.rules")


@dataclass(frozen=True)
class RuleExample:
    """A smallest file that breaks a rule, what a check says, and what was ``before``, if any."""

    file: str
    source: str
    output: str
    before: str = ""

    def list_blocks(self, file: str) -> Iterator[tuple[str, str, str]]:
        """Yield what to write above each block of text, the block, and its language."""
        if self.before:
            yield f"For example, if {file} was", self.before, "yaml"
            yield "at the base, and is now", self.source, "yaml"
        else:
            yield f"For example, in {file}", self.source, "yaml"
        yield "the check says", self.output, "text"


@dataclass(frozen=True)
class RuleText:
    """A rule in words: severity, a line, reason, remedy; ``case`` is the example's name, if any."""

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
    texts = {}
    for name, words in rules.items():
        case = words.pop("example", "")
        example = RuleExample(**examples[name]) if name in examples else None
        texts[name] = RuleText(name, **words, case=case, example=example)
    return texts


def format_explanation(rule: RuleText) -> str:
    """Return what is said about one rule on a terminal."""
    parts = [_wrap(f"{rule.name} ({rule.severity}): {rule.says}"), _wrap(rule.why)]
    if rule.example is not None:
        for words, text, _language in rule.example.list_blocks(rule.example.file):
            parts += [_wrap(f"{words}:"), textwrap.indent(text.rstrip("\n"), "    ")]
    return "\n\n".join([*parts, _wrap(f"To mend it: {rule.mend}")])


def _wrap(text: str) -> str:
    joined = " ".join(text.split())
    return textwrap.fill(joined, _WIDTH, break_long_words=False, break_on_hyphens=False)
