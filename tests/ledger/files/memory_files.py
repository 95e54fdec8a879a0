"""A ledger in memory, and a check of it that shows every problem in every way there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import click

from ledger.check import CheckReport, check_ledger
from ledger.files.source import MAX_FILE_BYTES, FileKind, LedgerFile
from ledger.ledger import Ledger
from ledger.output.formats import (
    format_annotations,
    format_problems,
    format_summary,
    report_to_json,
)

AS_OF = date(2026, 11, 20)


class MemoryFiles:
    """Files by path; see ``ledger.files.source.LedgerFiles``."""

    prefix = "customers/"

    def __init__(
        self, contents: Mapping[str, bytes], on_read: Callable[[str], None] = lambda _path: None
    ) -> None:
        self._contents = contents
        self._on_read = on_read

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """See ``LedgerFiles``."""
        del under
        return [LedgerFile(path, FileKind.FILE) for path, content in sorted(self._contents.items())]

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """See ``LedgerFiles``."""
        del limit
        self._on_read(path)
        return self._contents[path]

    def select(self, paths: Iterable[str]) -> MemoryFiles:
        """See ``LedgerFiles``."""
        return MemoryFiles({path: self._contents[path] for path in paths}, self._on_read)


def check_files(
    contents: Mapping[str, bytes],
    on_read: Callable[[str], None] = lambda _path: None,
    as_of: date = AS_OF,
) -> CheckReport:
    """Check a ledger in memory, write the result in every format, and hold what always holds."""
    files = MemoryFiles(contents, on_read)
    report = check_ledger(Ledger(files), as_of)
    shown = [
        *map(click.unstyle, format_problems(report.problems)),
        *format_annotations(report.problems),
        format_summary(report),
        str(report_to_json(report, None)),
    ]
    for line in shown:
        line.encode()
        assert line.isprintable(), line
    keys = [problem.sort_key for problem in report.problems]
    assert keys == sorted(keys)
    for problem in report.problems:
        path = problem.position.file.removeprefix("customers/")
        assert problem.message
        assert problem.position.line >= 1
        assert problem.position.column >= 1
        if problem.excerpt is not None:
            lines = contents[path].decode("utf-8-sig", errors="replace")
            assert problem.excerpt.text[:20] in lines
    return report
