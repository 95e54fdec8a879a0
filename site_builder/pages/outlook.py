"""A forecast in words, and as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

from site_builder.forecast import HORIZON_DAYS, Expectation, Forecast, Outlook
from site_builder.pages.wording import Wording

_DAYS_IN_YEAR = 365
_MOST_ROWS = 12


def describe_outlook(forecast: Forecast, wording: Wording) -> str:
    """Return in a sentence how long what is left will last; empty if there is nothing to say."""
    match forecast.outlook:
        case Outlook.NOTHING_LEFT:
            return ""
        case Outlook.TOO_EARLY:
            return wording.text("forecast.too_early")
        case Outlook.NO_USE:
            return wording.text("forecast.no_use", count=forecast.weeks)
        case Outlook.LASTS_LONG:
            return wording.text("forecast.lasts_long", count=HORIZON_DAYS // _DAYS_IN_YEAR)
        case Outlook.LASTS_UNTIL if forecast.last_day is not None:
            day = wording.day(forecast.last_day)
            return wording.text(
                "forecast.lasts_until", day=day, range=_describe_range(forecast, wording)
            )
    raise ValueError(forecast.outlook)


def explain_outlook(forecast: Forecast, wording: Wording) -> str:
    """Return on what a forecast rests; empty if there is none."""
    if not forecast.course:
        return ""
    pace = wording.minutes(forecast.weekly_minutes)
    sentences = [wording.text("forecast.pace", count=forecast.weeks, pace=pace)]
    if forecast.lost_minutes:
        lost = wording.minutes(forecast.lost_minutes)
        sentences.append(wording.text("forecast.lost", minutes=lost))
    return " ".join(sentences)


def choose_rows(forecast: Sequence[Expectation]) -> list[Expectation]:
    """Return what a table shows of a forecast: a few rows, the last one among them."""
    step = max(1, -(-len(forecast) // _MOST_ROWS))
    last = len(forecast) - 1
    return [each for index, each in enumerate(forecast) if (last - index) % step == 0]


def _describe_range(forecast: Forecast, wording: Wording) -> str:
    if forecast.earliest is None:
        return ""
    earliest = wording.day(forecast.earliest)
    if forecast.latest is None:
        return wording.text("forecast.range_open", earliest=earliest)
    if forecast.earliest == forecast.latest:
        return ""
    latest = wording.day(forecast.latest)
    return wording.text("forecast.range", earliest=earliest, latest=latest)
