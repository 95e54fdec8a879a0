"""The provider's own site: all customers at once, for the inside only.

It is made of the customers' own views, so that it says nothing else than the portals do; what is
internal is that all of them stand side by side. Every page says at its top that it is internal.
What needs attention comes first.

The site and the customers' portals are kept apart: neither is ever written into, above or below a
folder of the other, so that no copy to a web server takes both along.
"""

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from pathlib import Path
from statistics import mode
from typing import Any, NamedTuple

from ledger.balance.draw_down import draw_down
from ledger.balance.forecast import Forecast
from ledger.balance.movements import Movement
from ledger.balance.revenue import Grouping, RevenueReport, sum_lines
from ledger.balance.summary import Balance, Ending
from ledger.dates import MONTHS_IN_YEAR, add_months, find_next_weekday
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.models import CustomerRecords, Purchase
from ledger.wording import Wording
from site_builder import output as folders
from site_builder.charts import Bar, Hours, draw_bars
from site_builder.errors import require_no_errors
from site_builder.look import find_configuration, read_style
from site_builder.make_view import view_folder
from site_builder.mkdocs.plugin import SiteBuilder
from site_builder.pages.environment import PageStyle, make_renderer
from site_builder.pages.portal_site import describe_outlook
from site_builder.pages.search import SearchEntry, render_search_page
from site_builder.pages.site import PortalSite, SiteFile, SitePage
from site_builder.pages.untrusted import make_visible
from site_builder.security_policy import find_policy
from site_builder.view import STATES_WITHOUT_PORTAL, PortalView, RequestView, Turn

_STYLE_PATH = "assets/stylesheets/internal.css"
_STYLE_SOURCE = Path(__file__).parent / "internal.css"
_PAGES = ("index", "customers", "requests", "work", "money", "dates")  # in the order of the menu
_SOON_DAYS = 30
_QUIET_DAYS = 7
# Days that a request is open: the ends of the first three groups.
_AGE_LIMITS = (7, 28, 91)
_WEEK = timedelta(days=7)


class CustomerLine(NamedTuple):
    """A customer in a line of the table."""

    balance: Balance
    forecast: Forecast
    last_use: date | None  # the latest day on which time was worked
    week_minutes: int  # what was charged in the last seven days
    usual_cards: int | None  # how many it usually buys; None if it never bought any
    usual_price: Decimal | None  # their price under the terms of today, if these have one

    @property
    def needs_a_word(self) -> bool:
        """Whether somebody should talk to the customer about buying more."""
        is_served = self.balance.portal.state not in STATES_WITHOUT_PORTAL
        return is_served and (self.balance.overdrawn_minutes > 0 or self.balance.low)


class OpenRequest(NamedTuple):
    """A request that is not done; how many days since it was opened, and since it was touched."""

    customer: str
    request: RequestView
    days_open: int
    days_quiet: int


def build_overview(
    ledger: Ledger, output: Path, as_of: date, configuration: Path | None = None
) -> Path:
    """Build the overview into ``output``, or leave that as it was; return the first page.

    ``output`` is missing, empty, or holds an overview; it is never a folder of portals.
    ``configuration`` is the ``mkdocs.yml`` to use, if not the work tree's or our own.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        LedgerError: the folder is somebody else's, or has to do with portals.
    """
    ledger.require_visible_files()
    output = output.resolve()
    require_no_errors(ledger, as_of)
    look = configuration or find_configuration(ledger.root)
    with folders.stage_folder(output) as staged:
        holds = "holds customers' portals, so the internal overview is not put"
        folders.refuse_near(output, folders.MANIFEST_NAME, holds)
        if output.exists() and not output.is_dir():
            raise LedgerError(f"{output} is not a folder", "choose another with --output")
        is_ours = (output / folders.OVERVIEW_NAME).is_file()
        if output.exists() and any(output.iterdir()) and not is_ours:
            message = f"{output} is neither empty nor an overview, so it is left as it is"
            raise LedgerError(message, "choose another folder with --output")
        terms = ledger.organization.terms.until(as_of)
        style = read_style(look).fit_to_terms(terms)
        site = _render_site(collect_overview(ledger, as_of), style)
        SiteBuilder(look).build(site, staged)
        # MkDocs empties the folder it builds into: the mark is written afterwards.
        mark = {
            "format": 1,
            "internal": True,
            "as_of": as_of.isoformat(),
            "revision": ledger.revision,
            "content_security_policy": find_policy(staged),
        }
        text = json.dumps(mark, indent=2) + "\n"
        (staged / folders.OVERVIEW_NAME).write_text(text, encoding="utf-8")
        folders.swap_in(staged, output)
    return output / "index.html"


def collect_overview(ledger: Ledger, as_of: date) -> dict[str, Any]:
    """Return what templates show of the evening of ``as_of``; a LedgerError if nobody sells."""
    provider, terms = ledger.organization.provider, ledger.organization.terms
    if provider is None:
        raise LedgerError("the ledger has no provider.yml", "add it: punchcard schema says how")
    first_month = add_months(as_of.replace(day=1), 1 - MONTHS_IN_YEAR)
    customers: list[CustomerLine] = []
    requests: list[OpenRequest] = []
    endings: list[Ending] = []
    by_consultant: dict[str, list[Movement]] = defaultdict(list)
    revenue = [RevenueReport(first_month, as_of, x) for x in (Grouping.MONTH, Grouping.CUSTOMER)]
    charged = 0
    # One customer's view after the other: only what is shown of it is kept.
    for folder in ledger.read_customers():
        view = view_folder(ledger, folder, as_of)
        work = [each for each in view.statement.movements if each.worked_minutes]
        customers.append(_summarize(view, work, folder.records))
        drawn = draw_down(folder.records, terms, as_of)
        for report in revenue:
            report.add(folder.records, drawn)
        requests += _list_open_requests(view)
        names = {account.email: account.name for account in view.accounts}
        # A removed account still works today, and nothing is left to be done about it.
        removed = {account.email for account in view.accounts if account.is_removed}
        endings += [
            replace(each, customer=view.name, subject=names.get(each.subject, each.subject))
            for each in view.endings
            if each.subject not in removed
        ]
        charged += Hours(work).charged_minutes
        for movement in work:
            if movement.date >= first_month:
                by_consultant[movement.consultant or ""].append(movement)
    consultants = [(name, Hours(work)) for name, work in by_consultant.items()]
    return {
        "provider_name": provider.name,
        "as_of": as_of,
        "next_update": find_next_weekday(as_of, provider.published_on),
        "revision": ledger.revision,
        "customers": customers,
        "requests": sorted(requests, key=lambda x: (x.request.opened, x.customer, x.request.id)),
        "endings": sorted(endings, key=attrgetter("last_day", "customer", "kind")),
        # The work of twelve months, by everybody and by each; and what was charged since ever.
        "first_month": first_month,
        "hours": Hours(movement for work in by_consultant.values() for movement in work),
        "consultants": sorted(consultants, key=lambda each: (-each[1].charged_minutes, each[0])),
        "all_charged_minutes": charged,
        "money": [*_split_money(*revenue)],
        "names": {line.balance.customer: line.balance.name for line in customers},
    }


def _summarize(
    view: PortalView, work: Sequence[Movement], records: CustomerRecords
) -> CustomerLine:
    cards = find_usual_order(records.purchases, view.as_of)
    price = view.terms.price.get(view.currency)
    return CustomerLine(
        balance=view.balance,
        forecast=view.forecast,
        last_use=max((each.date for each in work), default=None),
        week_minutes=Hours(each for each in work if each.date > view.as_of - _WEEK).charged_minutes,
        usual_cards=cards,
        usual_price=None if cards is None or price is None else cards * price,
    )


def find_usual_order(purchases: Iterable[Purchase], as_of: date) -> int | None:
    """Return how many punchcards a customer buys most often, of two such numbers the latest."""
    bought = sorted((each for each in purchases if each.date <= as_of), key=attrgetter("date"))
    return mode(each.punchcards for each in reversed(bought)) if bought else None


def _list_open_requests(view: PortalView) -> Iterator[OpenRequest]:
    for request in view.requests:
        if not request.is_done:
            touched = max([request.last_event, *(entry.date for entry in request.entries)])
            days_open, days_quiet = view.as_of - request.opened, view.as_of - touched
            yield OpenRequest(view.name, request, days_open.days, days_quiet.days)


def _split_money(by_month: RevenueReport, by_customer: RevenueReport) -> Iterator[dict[str, Any]]:
    """Yield the lines of each currency in which anything was deferred or happened."""
    months, customers = (
        {currency: [*lines] for currency, lines in groupby(found, key=attrgetter("currency"))}
        for found in (by_month.list_lines(), by_customer.list_lines())
    )
    for currency, lines in customers.items():
        total = sum_lines(lines)[0]
        found = {"months": months[currency], "customers": lines, "total": total}
        yield {"currency": currency, **found}


def _render_site(overview: Mapping[str, Any], style: PageStyle) -> PortalSite:
    """Return the finished site."""
    renderer = make_renderer(style)
    wording, provider = renderer.wording, make_visible(overview["provider_name"])
    consultants = ((name, work.charged_minutes) for name, work in overview["consultants"])
    values = {
        "overview": overview,
        "style_path": _STYLE_PATH,
        "ages": _draw_ages(overview["requests"], wording),
        "find_first_day": lambda month: date.fromisoformat(f"{month}-01"),
        "consultant_bars": draw_bars(consultants),
        **_find_attention(overview, wording),
    }
    pages = []
    for path in _PAGES:
        title = wording.text(f"internal.{path}")
        body = renderer.render(f"internal-{path}.html", title=title, **values)
        pages.append(SitePage(path, title, body))
    entries = _list_entries(overview)
    pages.append(render_search_page(pages, entries, renderer, "internal-search", **values))
    return PortalSite(
        texts={
            "site_name": wording.text("internal.site", provider=provider),
            "customer_name": wording.text("internal.all_customers"),
            "provider_name": provider,
            "language": wording.language,
        },
        language=style.language,
        labels={**wording.section("theme"), **wording.section("internal_theme")},
        pages=tuple(pages),
        files=(SiteFile(_STYLE_PATH, _STYLE_SOURCE.read_bytes()),),
    )


def _list_entries(overview: Mapping[str, Any]) -> Iterator[SearchEntry]:
    for line in overview["customers"]:
        slug = line.balance.customer
        link = f"customers.html#customer-{slug}"
        yield SearchEntry(link, line.balance.name, "", ids=(slug,))
    for item in overview["requests"]:
        request = item.request
        link, name = f"requests.html#request-{request.id}", f"{request.id} {request.title}"
        yield SearchEntry(link, name, item.customer, ids=(request.id,))


def _find_attention(overview: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    """Return what stands on the first page."""
    to_talk_to = sorted(
        (line for line in overview["customers"] if line.needs_a_word),
        key=lambda line: (line.balance.balance_minutes, line.balance.name),
    )
    ours = sorted(
        (each for each in overview["requests"] if each.request.turn is Turn.PROVIDER),
        key=lambda each: (-each.days_quiet, each.request.opened, each.customer, each.request.id),
    )
    soon = [each for each in overview["endings"] if each.days_left <= _SOON_DAYS]
    overdrawn = sum(line.balance.overdrawn_minutes > 0 for line in to_talk_to)
    return {
        "counts": (
            ("overdrawn", overdrawn, "balances", "bad"),
            ("low", len(to_talk_to) - overdrawn, "balances", "warn"),
            ("forgotten", sum(each.days_quiet >= _QUIET_DAYS for each in ours), "waiting", "warn"),
            ("soon", len(soon), "endings", "warn"),
        ),
        "to_talk_to": [(line, describe_outlook(line.forecast, wording)) for line in to_talk_to],
        "waiting": ours,
        "endings": soon,
        "soon_days": _SOON_DAYS,
        "quiet_days": _QUIET_DAYS,
        "of_customers": sum(each.request.turn is Turn.CUSTOMER for each in overview["requests"]),
        "of_support": sum(each.request.turn is Turn.SUPPORT for each in overview["requests"]),
    }


def _draw_ages(requests: Iterable[OpenRequest], wording: Wording) -> tuple[Bar, ...]:
    """Return bars: how many requests are open for less than each limit, and for longer."""
    names = [
        wording.text("internal.younger", count=_AGE_LIMITS[0]),
        *(
            wording.text("internal.between", first=start, last=after - 1)
            for start, after in pairwise(_AGE_LIMITS)
        ),
        wording.text("internal.older", count=_AGE_LIMITS[-1]),
    ]
    counts = Counter(bisect_right(_AGE_LIMITS, item.days_open) for item in requests)
    return draw_bars((name, counts[at]) for at, name in enumerate(names))
