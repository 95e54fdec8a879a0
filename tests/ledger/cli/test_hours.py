"""``hours``: whose, when, by what, and that its sums are those of the statements."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_AS_OF, RunPunchcard

KEYS = ["key", "customer", "consultant", "entries", "worked_minutes", "charged_minutes"]
WHOLE = ("--from", "2024-01-01", "--to", SAMPLE_AS_OF)


def read(punchcard: RunPunchcard, folder: Path, *arguments: str) -> Any:
    ran = punchcard(folder, "hours", *arguments, "--as-of", SAMPLE_AS_OF, "--format", "json")
    assert (ran.status, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


@pytest.mark.parametrize("by", ["customer", "request", "day", "category"])
def test_sums_are_those_of_the_statements(
    punchcard: RunPunchcard, sample_repository: Path, by: str
) -> None:
    lines = read(punchcard, sample_repository, "--everybody", *WHOLE, "--by", by)
    assert [list(line) for line in lines] == [KEYS] * len(lines)
    balances = json.loads(
        punchcard(sample_repository, "balance", "--format", "json", "--as-of", SAMPLE_AS_OF).stdout
    )
    charged = sum(row["used_minutes"] + row["overdrawn_minutes"] for row in balances)
    assert sum(line["charged_minutes"] for line in lines) == charged
    assert all(line["charged_minutes"] <= line["worked_minutes"] for line in lines)
    if by == "customer":
        assert [line["key"] for line in lines] == [line["customer"] for line in lines]
    if by == "category":
        (support,) = (line for line in lines if line["key"] == "technical-support")
        assert support["charged_minutes"] == 0 < support["worked_minutes"]


def test_mine_of_this_week_by_default_with_the_days_that_are_missing(
    punchcard: RunPunchcard, sample_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "yuki@tracewell.example")
    ran = punchcard(sample_repository, "hours", "--as-of", "2026-11-20")
    assert ran.status == 0
    lines = ran.stdout.splitlines()
    assert lines[0].endswith(", 2026-11-16 to 2026-11-22")
    assert lines[-1].startswith("nothing logged on ")
    assert "2026-11-18" not in lines[-1]
    assert "2026-11-21" not in lines[-1]


def test_one_consultant_is_named_in_each_line(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    lines = read(punchcard, sample_repository, "--as", "ben", "--month", "--by", "day")
    assert {line["consultant"] for line in lines} == {"ben"}
    assert all(line["key"].startswith("2026-11-") for line in lines)


def test_csv_has_the_same_columns(punchcard: RunPunchcard, sample_repository: Path) -> None:
    ran = punchcard(sample_repository, "hours", "--everybody", "--month", "--format", "csv")
    assert next(csv.reader(io.StringIO(ran.stdout))) == KEYS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as", "nobody"), "there is no consultant 'nobody'"),
        (("--as", "ben", "--everybody"), "not both"),
        (("--week", "--from", "2026-01-01"), "--week or --month"),
        (("--to", "2026-01-01"), "--to needs --from"),
        (("--everybody", "--from", "2026-11-20", "--to", "2026-11-10"), "is before 2026-11-20"),
    ],
)
def test_what_does_not_go_together(
    punchcard: RunPunchcard, sample_repository: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = punchcard(sample_repository, "hours", *arguments)
    assert ran.status == 2
    assert said in ran.stderr
