"""What is done with each version of the program: scripts, by part and name."""

import shlex
from pathlib import Path

SCRIPTS = Path(__file__).with_name("scripts")
PARTS = ("sample", "examples", "synthetic", "portals", "writing")


def list_scripts(part: str, inputs: Path) -> dict[str, str]:
    """Return the scripts of a part by their names; see ``Recorder.run_script`` for what one says.

    Args:
        part: One of ``PARTS``.
        inputs: The tree whose example ledgers are used.
    """
    if part != "examples":
        return {file.stem: file.read_text("utf-8") for file in (SCRIPTS / part).glob("*.txt")}
    root = inputs / "tests/example_ledgers"
    folders = [*root.glob("valid/*/"), *root.glob("invalid/*/*/")]
    return {"-".join(each.relative_to(root).parts): _write_example(each) for each in folders}


def _write_example(folder: Path) -> str:
    """Return the script about an example ledger; one with a base is checked against that."""
    day = _read(folder / "as_of.txt", "2026-11-30")
    author = shlex.quote(_read(folder / "author.txt", "Alice Moreau <alice@tools.example>"))
    lines = ["git init -q --initial-branch=main"]
    base = folder / "base"
    if base.is_dir():
        lines += [f"cp -R {base}/customers .", "git add --all", "git commit -qm Before"]
        lines += ["rm -r customers"]
    lines += [f"cp -R {folder}/customers .", "git add --all", f"git commit -qm X --author={author}"]
    options = f"--as-of {day}" + (" --since HEAD~1" if base.is_dir() else "")
    lines += [f"punchcard check {options} --format {name}" for name in ("text", "json", "github")]
    return "\n".join([*lines, f"include example --as-of {day}"])


def _read(file: Path, default: str) -> str:
    return file.read_text(encoding="utf-8").strip() if file.exists() else default
