"""The document of all rules, docs/rules.md, made of the words that ``punchcard explain`` shows."""

import textwrap
from pathlib import Path

from ledger.rules.explain import RuleText, load_rule_texts

HEAD = Path(__file__).parent / "rule_page_head.md"


def format_page() -> str:
    """Return the document, in Markdown."""
    rules = load_rule_texts().values()
    rows = [f"| [`{rule.name}`](#{rule.name}) | {rule.severity} | {rule.says} |" for rule in rules]
    table = "\n".join(["| rule | severity | says |", "|---|---|---|", *rows])
    head = HEAD.read_text(encoding="utf-8")
    return "\n".join([head, table, *(_format_section(rule) for rule in rules)])


def _format_section(rule: RuleText) -> str:
    lines = ["", f"## {rule.name}", "", f"*{rule.severity.capitalize()}:* {rule.says}.", ""]
    lines += [_wrap(rule.why), ""]
    if rule.example is not None:
        for words, text, language in rule.example.list_blocks(f"`{rule.example.file}`"):
            lines += [words, "", f"```{language}", text.rstrip("\n"), "```", ""]
    return "\n".join([*lines, _wrap(f"**To mend it:** {rule.mend}"), ""])


def _wrap(text: str) -> str:
    joined = " ".join(text.split())
    return textwrap.fill(joined, 100, break_long_words=False, break_on_hyphens=False)
