"""Portals that are built once and read by many tests."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.ledger import open_ledger
from ledger.models.organization import Brand
from site_builder.build import BuildResult, build_portals
from site_builder.make_view import view_folder, view_portal
from site_builder.view import PortalView
from tests.ledger.engine.random_ledgers import RandomLedger
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

SAMPLE_LEDGER = Path(__file__).parents[2] / "customers"
SAMPLE_DAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def sample_portals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All portals of the sample ledger."""
    output = tmp_path_factory.mktemp("sample") / "site"
    with open_ledger(SAMPLE_LEDGER) as ledger:
        build_portals(ledger, output, SAMPLE_DAY)
    return output


@pytest.fixture(scope="session")
def two_customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ledger with two customers, ``first`` and ``second``, and a consultant each."""
    return write_ledger(
        tmp_path_factory.mktemp("two") / "customers",
        ORGANIZATION,
        make_customer("first", "ONE", "Zephyrine", consultant="alice"),
        make_customer("second", "TWO", "Quillfeather", consultant="ben"),
    )


@pytest.fixture(scope="session")
def two_portals(two_customers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portals of both customers, built in one run."""
    output = tmp_path_factory.mktemp("two-portals") / "site"
    build_all(two_customers, output)
    return output


def make_view(folder: Path, as_of: date = SAMPLE_DAY, slug: str = "first") -> PortalView:
    """Return what a customer may see."""
    with open_ledger(folder) as ledger:
        return view_portal(ledger, slug, as_of)


def view_random_ledger(made: RandomLedger, as_of: date) -> PortalView:
    """Return what the customer of a random ledger may see, from the sample's provider."""
    with open_ledger(SAMPLE_LEDGER) as sample:
        provider = sample.organization.provider
    organization = SimpleNamespace(
        provider=provider and provider.model_copy(update={"brand": Brand()}),
        terms=made.terms,
        consultants=(),
        brand_files={},
    )
    opened: Any = SimpleNamespace(organization=organization, revision=None, files=None)
    folder: Any = SimpleNamespace(records=made.records)
    return view_folder(opened, folder, as_of)


def build_all(
    ledger: Path,
    output: Path,
    customers: tuple[str, ...] = (),
    as_of: date = SAMPLE_DAY,
    *,
    revision: str | None = None,
    look: Path | None = None,
) -> BuildResult:
    """Build portals as the command does."""
    with open_ledger(ledger, revision) as opened:
        return build_portals(opened, output, as_of, customers, configuration=look)
