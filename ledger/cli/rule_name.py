"""The name of a rule on the command line, and the list of all."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from ledger.nearest_name import suggest_name


class RuleNameType(click.ParamType[str]):
    """The name of a rule."""

    name = "rule"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the name if there is such a rule."""
        from ledger.rules.rule_texts import load_rule_texts

        name, names = str(value), load_rule_texts()
        if name not in names:
            hint = suggest_name(name, names) or "`punchcard explain` lists them"
            self.fail(f"there is no rule {name!r}; {hint}", param, ctx)
        return name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so, with what the rules say."""
        from ledger.rules.rule_texts import load_rule_texts

        del ctx, param
        rules = load_rule_texts().values()
        return [
            CompletionItem(rule.name, help=rule.says)
            for rule in rules
            if rule.name.startswith(incomplete)
        ]


RULE = RuleNameType()


def show_rules() -> None:
    """Print a line for each rule."""
    from ledger.rules.rule_texts import load_rule_texts

    rules = load_rule_texts().values()
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        click.echo(f"{rule.name:<{width}}  {rule.severity:<7}  {rule.says}")
