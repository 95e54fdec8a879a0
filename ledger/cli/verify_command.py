"""``punchcard verify``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.exit_policy import COULD_NOT_WORK, DATA_HAS_PROBLEMS
from ledger.cli.options import format_option

if TYPE_CHECKING:
    from ledger.history.verification import Difference, Verification


_STATUSES = {"genuine": 0, "altered": DATA_HAS_PROBLEMS, "unknown": COULD_NOT_WORK}
_LONGEST_VALUE = 60


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@format_option("text", "json")
@click.pass_context
def verify_command(context: click.Context, file: Path, format_: str) -> int:
    """Say whether a JSON statement is genuine: rebuild it from the commit that it names.

    Exit status: 0 genuine, 1 altered, 2 from a commit that this repository does not have.

    \b
    Examples:
      punchcard verify acme-2026-11.json
    """
    from ledger.history.verification import read_statement, verify_statement

    folder: Path | None = context.find_root().params.get("ledger")
    statement = read_statement(file)
    verification = verify_statement(folder, statement)
    if format_ == "json":
        click.echo(json.dumps(_to_json(verification), indent=2, ensure_ascii=False))
    else:
        _show(verification, statement)
    return _STATUSES[verification.verdict.value]


def _to_json(verification: Verification) -> dict[str, Any]:
    return {
        "verdict": verification.verdict.value,
        "commit": verification.commit,
        "in_history": verification.is_in_history,
        "differences": [
            {"place": item.place, "said": _name(item.said), "rebuilt": _name(item.rebuilt)}
            for item in verification.differences
        ],
    }


def _show(verification: Verification, statement: dict[str, Any]) -> None:
    from ledger.cli.problem_output import paint
    from ledger.history.git_history import shorten_id
    from ledger.history.verification import Verdict
    from ledger.quotation import make_printable

    commit = make_printable(shorten_id(verification.commit))
    if verification.verdict is Verdict.UNKNOWN:
        click.echo(
            f"{paint('unknown', 'yellow')}: this repository has no commit {commit}; "
            "fetch all branches, and all history if the clone is shallow"
        )
        return
    if verification.verdict is Verdict.GENUINE:
        what = f"{statement['customer']}, {statement['from'] or 'the beginning'} to "
        click.echo(f"{paint('genuine', 'green')}: {what}{statement['to']}, at commit {commit}")
    else:
        click.echo(f"{paint('altered', 'red')}: not what commit {commit} says")
        for difference in verification.differences:
            click.echo(f"  {_describe(difference)}")
    if not verification.is_in_history:
        click.echo(f"note: commit {commit} is not part of the history of HEAD")


def _describe(difference: Difference) -> str:
    from ledger.quotation import make_printable

    said, rebuilt = _shorten(difference.said), _shorten(difference.rebuilt)
    return make_printable(f"{difference.place}: says {said}, should be {rebuilt}")


def _shorten(value: object) -> str:
    text = str(_name(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _name(value: object) -> object:
    """Return a value, or the word for one that is not there."""
    is_json = value is None or isinstance(value, str | int | float | bool | list | dict)
    return value if is_json else repr(value)
