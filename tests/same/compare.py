"""Compares two folders of outputs file by file, and shows where they differ.

python -m tests.same.compare BEFORE NOW [--only sample,portals] [--lines 20]
"""

import argparse
import difflib
import itertools
import sys
from pathlib import Path


def main() -> None:
    """Compare what the command line names; the exit status is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("now", type=Path)
    parser.add_argument("--only", help="parts, with commas between them")
    parser.add_argument("--lines", type=int, default=20, help="of the difference of each file")
    options = parser.parse_args()
    parts = options.only.split(",") if options.only else ["."]
    before, now = (
        {
            file.relative_to(folder): file
            for part in parts
            for file in (folder / part).rglob("*")
            if file.is_file()
        }
        for folder in (options.before, options.now)
    )
    differing = 0
    for name in sorted({*before, *now}):
        if difference := compare_files(before.get(name), now.get(name), options.lines):
            differing += 1
            sys.stdout.write(f"=== {name}\n{difference}\n")
    counts = f"{len(before)} files before, {len(now)} now"
    sys.stdout.write(f"{counts}: {differing or 'none'} differ\n")
    sys.exit(differing > 0)


def compare_files(before: Path | None, now: Path | None, lines: int) -> str:
    """Return how two files differ, in so many lines; nothing if they are equal."""
    if before is None or now is None:
        return "only now" if before is None else "only before"
    old, new = before.read_bytes(), now.read_bytes()
    if old == new:
        return ""
    if b"\0" in old + new:
        return f"bytes differ: {before} {now}"
    old_lines, new_lines = (text.decode(errors="replace").splitlines() for text in (old, new))
    difference = difflib.unified_diff(old_lines, new_lines, n=1, lineterm="")
    shown = [line[:400] for line in itertools.islice(difference, 2, lines + 2)]
    return "\n".join(shown) or "line ends differ"


if __name__ == "__main__":
    main()
