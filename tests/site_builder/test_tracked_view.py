"""Digests of a view's values: the same for equal ones, whatever they are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.loader import open_ledger
from site_builder.ledger_views import view_portal
from site_builder.portal_view import PortalView
from site_builder.tracked_view import NeedsRecorder, ViewDigests
from tests.site_builder.conftest import SAMPLE_DAY


@pytest.fixture(scope="module")
def view(two_customers: Path) -> PortalView:
    with open_ledger(two_customers) as ledger:
        return view_portal(ledger, "first", SAMPLE_DAY)


def digest(view: PortalView, path: str) -> str:
    return ViewDigests(view).digest(path)


def test_equal_values_have_equal_digests(view: PortalView) -> None:
    """Also where one of them is made of the same text twice, and the other of two texts."""
    same = "a note that is long enough"
    other = "".join(list(same))
    one = replace(view, name=same, currency=same, licences=(same, same))  # type: ignore[arg-type]
    two = replace(view, name=same, currency=other, licences=(same, other))  # type: ignore[arg-type]
    assert same is not other
    for path in ("name", "currency", "licences", "terms", "statement"):
        assert digest(one, path) == digest(two, path)


def test_other_values_have_other_digests(view: PortalView) -> None:
    """Also those that Python calls equal, or writes alike."""
    values: tuple[object, ...] = (
        None,
        "",
        "1",
        1,
        True,
        1.0,
        Decimal(1),
        Decimal("1.0"),
        (),
        ("",),
        ("", ""),
    )
    values += (date(2026, 1, 1), "2026-01-01", (("a",), "b"), (("a", "b"),), ("a", ("b",)))
    digests = [digest(replace(view, name=value), "name") for value in values]  # type: ignore[arg-type]
    assert len(set(digests)) == len(values)


def test_fields_of_one_record_are_not_confused_with_another_kind(view: PortalView) -> None:
    """A record is written with its kind."""
    one = replace(view, name=view.provider)  # type: ignore[arg-type]
    fields = tuple(getattr(view.provider, name) for name in type(view.provider).__slots__)
    two = replace(view, name=fields)  # type: ignore[arg-type]
    assert digest(one, "name") != digest(two, "name")


def test_what_was_asked_for_is_known(view: PortalView) -> None:
    """And what was not asked for does not count."""
    recorder = NeedsRecorder(view)
    _ = recorder.view.provider.name, list(recorder.view.statement.list_movements())
    needs = recorder.list_needs(ViewDigests(view))
    assert set(needs) == {"provider", "statement"}
    assert ViewDigests(replace(view, as_of=date(1999, 1, 1))).still_hold(needs)
    changed = replace(view, provider=replace(view.provider, name="Another"))
    assert not ViewDigests(changed).still_hold(needs)
