"""``revenue``: formats, periods, an earlier revision, and what changed in closed periods."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_AS_OF, RunPunchcard, commit_all, git

KEYS = [
    "currency", "period", "customer", "purchase", "opening_deferred", "billed", "recognised",
    "breakage", "value_refunded", "refund_amount", "closing_deferred",
]  # fmt: skip


def read(punchcard: RunPunchcard, folder: Path, *arguments: str) -> Any:
    ran = punchcard(folder, "revenue", *arguments, "--as-of", SAMPLE_AS_OF, "--format", "json")
    assert (ran.status, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


@pytest.mark.parametrize("by", ["month", "customer", "purchase"])
def test_json_has_the_keys_of_the_design_and_every_line_adds_up(
    punchcard: RunPunchcard, sample_repository: Path, by: str
) -> None:
    lines = read(punchcard, sample_repository, "--by", by)
    for line in lines:
        assert list(line) == KEYS
        shown = {"month": "period"}.get(by, by)
        assert line[shown] is not None
        amounts = {name: Decimal(line[name]) for name in KEYS[4:]}
        left = amounts["opening_deferred"] + amounts["billed"] - amounts["closing_deferred"]
        assert left == amounts["recognised"] + amounts["breakage"] + amounts["value_refunded"]
    assert {line["currency"] for line in lines} == {"EUR", "USD"}


def test_deferred_is_what_the_balances_have_left(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    ran = punchcard(sample_repository, "balance", "--format", "json", "--as-of", SAMPLE_AS_OF)
    left = {row["customer"]: Decimal(row["value_remaining"]) for row in json.loads(ran.stdout)}
    lines = read(punchcard, sample_repository, "--by", "customer")
    deferred = {line["customer"]: Decimal(line["closing_deferred"]) for line in lines}
    assert {slug: value for slug, value in left.items() if value} == {
        slug: value for slug, value in deferred.items() if value
    }


def test_totals_of_the_table_are_sums_of_its_lines(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    arguments = ("revenue", "--from", "2026-10-01", "--by", "customer", "--as-of", SAMPLE_AS_OF)
    lines = punchcard(sample_repository, *arguments).stdout.splitlines()
    rows = [line.split() for line in lines if line.startswith(("EUR", "USD"))]
    for currency in ("EUR", "USD"):
        own = [row[2:] for row in rows if row[0] == currency]
        sums = [
            sum(Decimal(cell.replace("-", "0")) for cell in column)
            for column in zip(*own[:-1], strict=True)
        ]
        assert sums == [Decimal(cell.replace("-", "0")) for cell in own[-1]]
    assert lines[-1] == f"as of {SAMPLE_AS_OF}"


def test_csv_has_the_same_columns(punchcard: RunPunchcard, sample_repository: Path) -> None:
    ran = punchcard(sample_repository, "revenue", "--format", "csv", "--as-of", SAMPLE_AS_OF)
    assert next(csv.reader(io.StringIO(ran.stdout))) == KEYS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "2027-01-01"), "after the as-of date"),
        (("--from", "2026-11-01", "--to", "2026-10-01"), "after its end"),
        (("--changes", "published/2026-01-01"), "there is no publication"),
    ],
)
def test_periods_that_cannot_be(
    punchcard: RunPunchcard, sample_repository: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = punchcard(sample_repository, "revenue", *arguments, "--as-of", SAMPLE_AS_OF)
    assert ran.status == 2
    assert said in ran.stderr


@pytest.mark.parametrize("format_", ["json", "csv", "table"])
def test_a_published_quarter_is_reproduced_from_its_tag_byte_for_byte(
    punchcard: RunPunchcard, sample_repository: Path, format_: str
) -> None:
    """Whatever comes later: late entries, corrections, sales, other prices, another year."""
    message = "Published\n\nas-of: 2026-10-05\nversion: x 1\ndigest: sha256:0\n"
    git(sample_repository, "tag", "-a", "published/2026-10-05", "-m", message)
    quarter = ("revenue", "--from", "2026-07-01", "--to", "2026-09-30", "--format", format_)
    published = ("--rev", "published/2026-10-05", "--as-of", "2026-10-05")
    commands = [(*quarter, "--by", by, *published) for by in ("month", "customer", "purchase")]
    before = [punchcard(sample_repository, *each).stdout for each in commands]
    day = ("--as-of", SAMPLE_AS_OF)
    for late in (
        ("log", "acme", "ACME-11", "45m", "-m", "Late.", "--as", "alice", "--date", "2026-09-29"),
        ("correct", "acme", "2026-08-ben/05-1", "15m", "-m", "Support.", "--as", "ben"),
        ("refund", "savanna-sky", "P1", "1h", "-m", "Agreed.", "--date", "2026-09-30"),
        ("buy", "acme", "1", "--date", "2026-09-30"),
    ):
        ran = punchcard(sample_repository, *late, *day)
        assert ran.status == 0, ran.stderr
    terms = sample_repository / "customers/terms.yml"
    new = terms.read_text().split("\n\n")[-1].replace("2026-01-01", "2026-11-19")
    terms.write_text(f"{terms.read_text()}\n{new.replace('1000.00', '1200.00')}")
    commit_all(sample_repository)
    assert [punchcard(sample_repository, *each).stdout for each in commands] == before
    now = [punchcard(sample_repository, *quarter, *day).stdout for _each in commands[:1]]
    assert now != before[:1]


def test_late_entries_are_the_changes_of_a_closed_period(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    message = "Published\n\nas-of: 2026-10-31\nversion: x 1\ndigest: sha256:0\n"
    git(sample_repository, "tag", "-a", "published/2026-10-31", "-m", message)
    before = punchcard(
        sample_repository, *("revenue", "--rev", "published/2026-10-31", "--as-of", "2026-10-31")
    ).stdout
    assert read(punchcard, sample_repository, "--changes", "2026-10-31") == []
    ran = punchcard(
        sample_repository, "revenue", "--changes", "2026-10-31", "--as-of", SAMPLE_AS_OF
    )
    same = "nothing is different now in the periods that 2026-10-31 closed\n"
    assert (ran.status, ran.stdout) == (0, same)
    ran = punchcard(
        sample_repository,
        *("log", "acme", "ACME-12", "30m", "-m", "Late.", "--as", "alice"),
        *("--date", "2026-10-30", "--as-of", SAMPLE_AS_OF),
    )
    assert ran.status == 0
    commit_all(sample_repository)
    (line,) = read(punchcard, sample_repository, "--changes", "published/2026-10-31")
    assert (line["period"], line["recognised"]) == ("2026-10", "100.00")
    assert line["closing_deferred"] == "-100.00"
    after = punchcard(
        sample_repository, *("revenue", "--rev", "published/2026-10-31", "--as-of", "2026-10-31")
    ).stdout
    assert after == before
