"""``punchcard explain``."""

from __future__ import annotations

import click

from ledger.cli.rule_name import RULE, show_rules


@click.command("explain")
@click.argument("rule", required=False, type=RULE)
def explain_command(rule: str | None) -> None:
    """Explain a rule of the check: why it is there, an example, and how to mend it.

    Without a rule, list all of them.

    \b
    Examples:
      punchcard explain
      punchcard explain overdrawn
    """
    if rule is None:
        show_rules()
        return
    from ledger.rules.rule_pages import format_explanation
    from ledger.rules.rule_texts import load_rule_texts

    click.echo(format_explanation(load_rule_texts()[rule]))
