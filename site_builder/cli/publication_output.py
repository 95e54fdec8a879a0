"""What a publication did, as it is printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from ledger.cli.printing import paint
from ledger.errors import Problem
from site_builder.cli.shown_problems import shorten
from site_builder.publication.report import CustomerReport, Effect, PublicationReport

_HEADERS = ("customer", "portal", "as of", "")
_COLOURS = {Effect.HELD_BACK: "red", Effect.TAKEN_DOWN: "yellow"}


def show_report(report: PublicationReport, format_: str, verb: str) -> None:
    """Print a report; what is wrong with customers' data goes to standard error first."""
    from ledger.reporters.problem_text import format_problems
    from ledger.reporters.tabular import format_table

    for line in format_problems(_list_problems(report), paint):
        click.echo(line, err=True)
    for remark in report.remarks:
        click.echo(remark, err=True)
    if format_ == "json":
        click.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
        return
    rows = [_make_row(customer) for customer in report.customers]
    if rows:
        click.echo(format_table(_HEADERS, rows))
        click.echo()
    click.echo(_sum_up(report, verb))


def _list_problems(report: PublicationReport) -> list[Problem]:
    return [problem for customer in report.customers for problem in customer.problems]


def _make_row(customer: CustomerReport) -> list[str]:
    effect = customer.effect.value.replace("-", " ")
    colour = _COLOURS.get(customer.effect)
    as_of = "" if customer.as_of is None else customer.as_of.isoformat()
    return [
        customer.slug,
        effect if colour is None else paint(effect, colour),
        as_of,
        customer.reason,
    ]


def _sum_up(report: PublicationReport, verb: str) -> str:

    counts = ", ".join(_list_counts(report)) or "no portals"
    if not report.is_done:
        return f"nothing was published: {counts}"
    tag = "" if report.tag is None else f", {report.tag}"
    folder = shorten(Path(report.folder))
    return f"{verb} {folder} as of {report.as_of}{tag}: {counts}"


def _list_counts(report: PublicationReport) -> Iterator[str]:
    for effect in Effect:
        if (count := report.count(effect)) and effect is not Effect.NONE:
            yield f"{count:,} {effect.value.replace('-', ' ')}"
