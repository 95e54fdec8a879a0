"""Dates on the command line."""

from datetime import date

import click
import pytest

from ledger.cli.arguments import DAY


@pytest.mark.parametrize("text", ["2026-11-03", "2026-11-3", "2024-02-29", "0001-01-01"])
def test_a_day_is_read(text: str) -> None:
    assert DAY.convert(text, None, None) == date(*map(int, text.split("-")))


@pytest.mark.parametrize(
    "text", ["", "2026-02-29", "2026-13-01", "20261103", "2026-W45-2", "2026-11-03T00:00", "today"]
)
def test_what_is_no_day_is_refused_with_the_form_that_it_has(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a date; write it as YYYY-MM-DD"):
        DAY.convert(text, None, None)
