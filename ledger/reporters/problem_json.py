"""The result of a check as other programs read it."""

from __future__ import annotations

from typing import Any

from ledger.check import CheckReport
from ledger.errors import Problem


def report_to_json(
    report: CheckReport, revision: str | None, since: str | None = None
) -> dict[str, Any]:
    """Return a check's result; ``file`` is relative to the root of the Git work tree."""
    return {
        "as_of": report.as_of.isoformat(),
        "revision": revision,
        "since": since,
        "files": report.file_count,
        "records": report.record_count,
        "errors": report.error_count,
        "warnings": report.warning_count,
        "problems": [problem_to_json(problem) for problem in report.problems],
    }


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Return one problem."""
    return {
        "rule": problem.rule,
        "severity": problem.severity.value,
        "file": problem.position.file,
        "line": problem.position.line,
        "column": problem.position.column,
        "message": problem.message,
        "hint": problem.hint or None,
    }
