"""``revenue``: periods, an earlier revision, and what changed in closed periods."""

from decimal import Decimal

import pytest

from tests.conftest import Commands, commit_all
from tests.ledger.cli.test_figures_commands import REVENUE_KEYS


def publish(sample: Commands, day: str) -> None:
    message = f"Published\n\nas-of: {day}\nversion: x 1\ndigest: sha256:0\n"
    sample.git("tag", "-a", f"published/{day}", "-m", message)


@pytest.mark.parametrize("by", ["month", "customer", "purchase"])
def test_json_has_the_keys_of_the_design_and_every_line_adds_up(sample: Commands, by: str) -> None:
    lines = sample.json("revenue", "--by", by)
    for line in lines:
        assert list(line) == REVENUE_KEYS
        assert line[{"month": "period"}.get(by, by)] is not None
        amounts = {name: Decimal(line[name]) for name in REVENUE_KEYS[4:]}
        left = amounts["opening_deferred"] + amounts["billed"] - amounts["closing_deferred"]
        assert left == amounts["recognised"] + amounts["breakage"] + amounts["value_refunded"]
    assert {line["currency"] for line in lines} == {"EUR", "USD"}


def test_deferred_is_what_the_balances_have_left(sample: Commands) -> None:
    left, deferred = (
        {row["customer"]: row[name] for row in rows if Decimal(row[name])}
        for rows, name in (
            (sample.json("balance"), "value_remaining"),
            (sample.json("revenue", "--by", "customer"), "closing_deferred"),
        )
    )
    assert left == deferred


def test_totals_of_the_table_are_sums_of_its_lines(sample: Commands) -> None:
    lines = sample.done("revenue", "--from", "2026-10-01", "--by", "customer").splitlines()
    rows = [line.split() for line in lines if line.startswith(("EUR", "USD"))]
    for currency in ("EUR", "USD"):
        *own, total = (
            [Decimal(cell.replace("-", "0")) for cell in row[2:]]
            for row in rows
            if row[0] == currency
        )
        assert [sum(column) for column in zip(*own, strict=True)] == total
    assert lines[-1] == "as of 2026-11-20"


@pytest.mark.parametrize("format_", ["json", "csv", "table"])
def test_a_published_quarter_is_reproduced_from_its_tag_byte_for_byte(
    sample: Commands, format_: str
) -> None:
    """Whatever comes later: late entries, corrections, sales, other prices, another year."""
    publish(sample, "2026-10-05")
    quarter = ("revenue", "--from", "2026-07-01", "--to", "2026-09-30", "--format", format_)
    published = ("--rev", "published/2026-10-05", "--as-of", "2026-10-05")
    commands = [(*quarter, "--by", by, *published) for by in ("month", "customer", "purchase")]
    before = [sample.done(*each) for each in commands]
    for late in (
        ("log", "acme", "ACME-11", "45m", "-m", "Late.", "--as", "alice", "--date", "2026-09-29"),
        ("correct", "acme", "2026-08-ben/05-1", "15m", "-m", "Support.", "--as", "ben"),
        ("refund", "savanna-sky", "P1", "1h", "-m", "Agreed.", "--date", "2026-09-30"),
        ("buy", "acme", "1", "--date", "2026-09-30"),
    ):
        ran = sample(*late)
        assert ran.status == 0, ran.stderr
    terms = sample.root / "customers/terms.yml"
    new = terms.read_text().split("\n\n")[-1].replace("2026-01-01", "2026-11-19")
    terms.write_text(f"{terms.read_text()}\n{new.replace('1000.00', '1200.00')}")
    commit_all(sample.root)
    assert [sample.done(*each) for each in commands] == before
    assert sample.done(*quarter) != before[0]


def test_late_entries_are_the_changes_of_a_closed_period(sample: Commands) -> None:
    publish(sample, "2026-10-31")
    then = ("revenue", "--rev", "published/2026-10-31", "--as-of", "2026-10-31")
    before = sample.done(*then)
    assert sample.json("revenue", "--changes", "2026-10-31") == []
    same = "nothing is different now in the periods that 2026-10-31 closed\n"
    assert sample.done("revenue", "--changes", "2026-10-31") == same
    late = ("-m", "Late.", "--as", "alice", "--date", "2026-10-30")
    assert sample("log", "acme", "ACME-12", "30m", *late).status == 0
    commit_all(sample.root)
    (line,) = sample.json("revenue", "--changes", "published/2026-10-31")
    assert (line["period"], line["recognised"]) == ("2026-10", "100.00")
    assert line["closing_deferred"] == "-100.00"
    assert sample.done(*then) == before
