"""The rules as a page in Markdown, and as text for a terminal; from the same words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from ledger.rules.rule_texts import RuleExample, RuleText

_PAGE_WIDTH = 100
_TERMINAL_WIDTH = 80
_HEAD = """\
# The rules

`punchcard check` holds a ledger against these rules and reports every problem at once, with the
place, the numbers and the next step. An error fails the check (exit status 1), a warning does so
only with `--strict`. `punchcard explain RULE` shows on the terminal what stands here.

This page is written by `UPDATE_EXPECTED=1 python -m pytest tests/ledger/rules`, from
`ledger/rules/explanations.toml` and the ledgers in `tests/example_ledgers/`.

The terms of sale that the rules refer to, with the numbers of the sample ledger (yours are in
`terms.yml`):

1. A punchcard is 300 minutes; purchases are whole punchcards at a list price.
2. Time is charged in steps of 15 minutes.
3. A card may be used for onboarding, proof of concept, product training, product configuration,
   methodology coaching, and detailed Q&A.
4. Time needed to gain access to the customer's systems is charged to the card.
5. Technical support is never charged; holders of a commercial or academic licence are entitled to
   it. A query raised in the wrong channel is moved to the right one.
6. A purchase includes a private portal with up to three accounts. An account inactive for six
   months is disabled automatically, and reactivated on request.
7. The portal is maintained for one year after completion of the last punchcard or of another
   contracted service, whichever is later.
8. Software licences are never part of a punchcard purchase; they are bought through the
   marketplace.
9. Purchases are covered by the Product Service Terms Agreement.
10. Portal balances are updated weekly.
"""


def format_page(rules: Iterable[RuleText]) -> str:
    """Return the document of all rules."""
    listed = list(rules)
    rows = [f"| [`{rule.name}`](#{rule.name}) | {rule.severity} | {rule.says} |" for rule in listed]
    table = "\n".join(["| rule | severity | says |", "|---|---|---|", *rows])
    return "\n".join([_HEAD, table, *(_format_section(rule) for rule in listed)])


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
