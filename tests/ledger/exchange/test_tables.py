"""The folder of tables: what the description says of it is so, and its sums are the balance."""

import csv
import importlib
import json
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_AS_OF, RunPunchcard

IN_CI = os.environ.get("CI") == "true"
GUIDE = Path(__file__).parents[3] / "docs" / "connectors.md"
Rows = list[dict[str, str]]


@pytest.fixture
def tables(punchcard: RunPunchcard, sample_repository: Path, tmp_path: Path) -> dict[str, Rows]:
    made = tmp_path / "tables"
    ran = punchcard(sample_repository, "export", "csv", "--output", made, "--as-of", SAMPLE_AS_OF)
    assert (ran.status, ran.stderr) == (0, "")
    return {
        file.stem: list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
        for file in made.glob("*.csv")
    }


def test_sums_of_tables_are_the_balance(
    tables: dict[str, Rows], punchcard: RunPunchcard, sample_repository: Path
) -> None:
    ran = punchcard(sample_repository, "balance", "--format", "json", "--as-of", SAMPLE_AS_OF)
    for balance in json.loads(ran.stdout):
        own = {
            name: [row for row in rows if row["customer"] == balance["customer"]]
            for name, rows in tables.items()
        }
        used = [int(row["minutes"]) for row in own["draws"] if row["use"] == "used"]
        assert sum(used) == balance["used_minutes"]
        left = sum(int(row["remaining_minutes"]) for row in own["cards"])
        assert left == balance["remaining_minutes"]
        worth = sum((Decimal(row["value_remaining"]) for row in own["cards"]), Decimal(0))
        assert worth == Decimal(balance["value_remaining"])
        moved = sum(int(row["minutes"]) for row in own["movements"])
        assert moved == balance["balance_minutes"]
        values = [row["value"] for row in own["movements"] if row["kind"] in ("time", "correction")]
        drawn = [Decimal(row["value"]) for row in own["draws"] if row["use"] == "used"]
        assert sum(map(Decimal, values), Decimal(0)) == sum(drawn, Decimal(0))


def load(name: str) -> Any:
    """Return a library of the test group; where it is not installed, the test is left out."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        assert not IN_CI, f"{name} is not installed"
        pytest.skip(f"{name} is not installed")


def test_frictionless_finds_nothing_wrong(tables: dict[str, Rows], tmp_path: Path) -> None:
    """Columns, types, keys, and that each row points to one that is there."""
    report = load("frictionless").validate(str(tmp_path / "tables/datapackage.json"))
    assert report.flatten(["path", "rowNumber", "fieldName", "message"]) == []
    assert report.stats["tasks"] == len(tables)


def test_the_questions_of_the_guide_have_the_answers_that_it_shows(
    tables: dict[str, Rows], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = load("duckdb")
    monkeypatch.chdir(tmp_path / "tables")
    table = r"((?:\|[^\n]*\n)+)"
    found = re.findall(rf"(?ms)^```sql\n(.*?)^```\n\n{table}", GUIDE.read_text("utf-8"))
    assert len(found) == 3
    for question, answer in found:
        shown = duckdb.sql(question)
        lines = [f"| {' | '.join(map(str, row))} |" for row in (shown.columns, *shown.fetchall())]
        lines.insert(1, "|" + "---|" * len(shown.columns))
        assert lines == answer.splitlines()


def test_entries_have_no_internal_note(tables: dict[str, Rows]) -> None:
    assert "internal_note" not in tables["entries"][0]
    assert {row["category"] for row in tables["entries"]} > {"onboarding", "technical-support"}


def test_named_customers_alone(
    punchcard: RunPunchcard, sample_repository: Path, tmp_path: Path
) -> None:
    ran = punchcard(sample_repository, "export", "csv", "acme", "--output", tmp_path / "made")
    assert ran.status == 0
    with (tmp_path / "made" / "cards.csv").open(encoding="utf-8", newline="") as file:
        assert {row["customer"] for row in csv.DictReader(file)} == {"acme"}


def test_a_folder_that_cannot_be_made_is_said(
    punchcard: RunPunchcard, sample_repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = punchcard(sample_repository, "export", "csv", "--output", tmp_path / "file" / "made")
    assert ran.status == 2
    assert "cannot make" in ran.stderr
