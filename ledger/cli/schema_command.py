"""``punchcard schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click


@click.command("schema")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a file for each kind into this folder.  [default: print all of them]",
)
@click.pass_context
def schema_command(context: click.Context, output: Path | None) -> None:
    """Write JSON Schemas of the ledger's files, with which an editor completes and underlines.

    What is printed is one JSON object with a schema for each kind of file. With --output, each
    goes into a file of its own, and what is printed are the lines of an editor's settings that
    say which schema is for which files.

    \b
    Examples:
      punchcard schema --output .vscode/schemas
      punchcard schema | jq .time
    """
    from ledger.json_schema import make_editor_settings, make_schemas

    schemas = make_schemas()
    if output is None:
        click.echo(_format(schemas), nl=False)
        return
    _write(schemas, output)
    click.echo(f"{len(schemas)} schemas in {output}; for .vscode/settings.json:", err=True)
    schema_folder = output.as_posix() if output.is_absolute() else f"./{output.as_posix()}"
    ledger_folder: Path = context.find_root().params.get("ledger") or Path("customers")
    settings = make_editor_settings(schema_folder, ledger_folder.as_posix())
    click.echo(_format(settings), nl=False)


def _write(schemas: dict[str, Any], output: Path) -> None:
    from ledger.errors import LedgerError

    try:
        output.mkdir(parents=True, exist_ok=True)
        for kind, schema in schemas.items():
            (output / f"{kind}.json").write_text(_format(schema), encoding="utf-8")
    except OSError as error:
        raise LedgerError(
            f"cannot write to {output}: {error.strerror}", "name another folder"
        ) from error


def _format(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
