"""The downloads of a portal: what a customer was sent can be verified, to the last figure."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_AS_OF, RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, WrittenLedger
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER, build_all
from tests.site_builder.test_figures import SAMPLE_CUSTOMERS


@pytest.fixture
def ledger(tmp_path: Path) -> WrittenLedger:
    return WrittenLedger(tmp_path / "ledger")


@pytest.fixture
def download(ledger: WrittenLedger, tmp_path: Path) -> Path:
    """The JSON statement of a portal that was built at a commit, before the ledger went on."""
    commit = git(ledger.root, "rev-parse", "HEAD")
    build_all(ledger.root, tmp_path / "site", as_of=date.fromisoformat(AS_OF), revision=commit)
    ledger.log("19-1", 30)
    ledger.commit()
    return tmp_path / "site" / "acme" / "statement.json"


def test_a_downloaded_statement_is_genuine(
    punchcard: RunPunchcard, ledger: WrittenLedger, download: Path
) -> None:
    ran = punchcard(ledger.root, "verify", download)
    assert (ran.status, ran.stderr) == (0, "")
    assert ran.stdout.startswith("genuine: acme, ")


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (("movements", 2, "minutes"), -15, "movements[2].minutes: says -15, should be "),
        (("movements", 0, "amount"), "1000.00", "movements[0].amount: says 1000.00, should be "),
        (("closing_minutes",), 6000, "closing_minutes: says 6000, should be "),
        (("as_of",), "2026-11-19", "as_of"),
    ],
    ids=["minutes", "amount", "balance", "day"],
)
def test_an_altered_figure_is_found_and_its_place_is_said(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    download: Path,
    place: tuple[str | int, ...],
    value: object,
    says: str,
) -> None:
    statement = json.loads(download.read_text(encoding="utf-8"))
    *path, last = place
    target: Any = statement
    for step in path:
        target = target[step]
    target[last] = value
    download.write_text(json.dumps(statement), encoding="utf-8")
    ran = punchcard(ledger.root, "verify", download)
    assert ran.status == 1
    assert says in ran.stdout


def test_the_download_is_what_the_command_writes_to_the_byte(
    punchcard: RunPunchcard, ledger: WrittenLedger, download: Path
) -> None:
    ran = punchcard(
        ledger.root, "statement", "acme", "--rev", "HEAD~1", "--as-of", AS_OF, "--format", "json"
    )
    assert ran.status == 0
    assert download.read_bytes() == ran.stdout.encode()


@pytest.mark.parametrize("slug", SAMPLE_CUSTOMERS)
def test_the_same_for_every_sample_customer(
    slug: str, punchcard: RunPunchcard, sample_portals: Path
) -> None:
    """The sample's portals may be built from files that differ from the last commit."""
    folder = sample_portals / slug
    if not folder.exists():
        return
    ran = punchcard(
        SAMPLE_LEDGER.parent, "statement", slug, "--as-of", SAMPLE_AS_OF, "--format", "json"
    )
    said, downloaded = json.loads(ran.stdout), json.loads((folder / "statement.json").read_text())
    for each in (said, downloaded):
        del each["revision"], each["digest"]
    assert downloaded == said


def test_the_table_has_the_same_movements_with_names_of_people(sample_portals: Path) -> None:
    """For a spreadsheet: every line says as of which day it is."""
    folder = sample_portals / "acme"
    text = (folder / "statement.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    movements = json.loads((folder / "statement.json").read_text(encoding="utf-8"))["movements"]
    assert [row["reference"] for row in rows] == [each["reference"] for each in movements]
    assert [int(row["balance_minutes"]) for row in rows] == [
        each["balance_minutes"] for each in movements
    ]
    assert {row["consultant"] for row in rows} >= {"Alice Moreau"}
    assert {row["as_of"] for row in rows} == {SAMPLE_DAY.isoformat()}


def test_a_german_portal_has_a_table_that_german_spreadsheets_read(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    """Semicolons between cells, and a comma in amounts: what is set there for both."""
    ledger.replace("customers/acme/customer.yml", "key: ACME", "key: ACME\nlanguage: de")
    ran = punchcard(ledger.root, "portal", "build", "--as-of", AS_OF)
    assert ran.status == 0, ran.stderr
    site = ledger.root / "site/acme"
    text = (site / "statement.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert (rows[0]["reference"], rows[0]["signed_amount"]) == ("P1", "2000,00")
    page = (site / "index.html").read_text(encoding="utf-8")
    assert '<html lang="de"' in page
    assert 'portal-search__word">Suche<' in page
