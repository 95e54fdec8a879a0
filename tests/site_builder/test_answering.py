"""What a request's page asks, how it is answered, its estimates and its files; and orders."""

import re
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ledger.ledger import open_ledger
from site_builder.build import build_portals
from site_builder.mkdocs.export import export_portal
from site_builder.output import MANIFEST_NAME, read_manifest
from site_builder.pages.environment import PageStyle
from site_builder.pages.offers import list_offers
from site_builder.pages.portal_site import render_portal
from tests.site_builder.built_pages import render_bodies
from tests.site_builder.conftest import make_view
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

SCRIPT = b"<script>alert(1)</script>" * 20_000
SENT = f"{sha256(SCRIPT).hexdigest()}-page.html"
NOTES = f"{sha256(b'# Notes').hexdigest()}-notes.md"
DAY = date(2026, 6, 30)
HEAD = "{title: Title & more, category: onboarding, opened: 2026-05-01, "
HEAD += "opened_by: Zephyrine@customer.example, channel: punchcard"
PERSON = "by: Zephyrine@customer.example"


def write_requests(folder: Path, *histories: str, attachments: str = "") -> Path:
    """Write a ledger with a request for each history, ONE-11 the first."""
    requests = {
        f"first/requests/ONE-{number}.yml": f"{HEAD}, history: [{events}]{attachments}}}\n"
        for number, events in enumerate(histories, start=11)
    }
    return write_ledger(
        folder / "customers", ORGANIZATION, make_customer("first", "ONE", "Zephyrine"), requests
    )


def render_request(folder: Path, name: str = "ONE-11", as_of: date = DAY) -> str:
    return render_bodies(make_view(folder, as_of))[f"requests/{name}"]


def read_sentence(page: str) -> str:
    found = re.search(r'<p class="turn-sentence[^>]*>(.*?)</p>', page)
    assert found
    return unescape(found[1]).strip()


def list_mails(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield address, subject and body of every mail that the page offers without a script."""
    for link in re.findall(r'href="(mailto:[^"]*\?[^"]*)"', page):
        parts = urlsplit(unescape(link))
        fields = parse_qs(parts.query)
        yield parts.path, fields["subject"][0], fields.get("body", [""])[0]


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ("", "Received on 1 May 2026; nobody has started on it yet."),
        (f"{{date: 2026-05-02, {PERSON}, note: Well?}}", "Received on 1 May 2026; nobody has"),
        ("{date: 2026-05-02, by: alice, status: open}", "Received on 1 May 2026; nobody has"),
        (
            "{date: 2026-05-02, by: alice, note: In June.}",
            "Alice Moreau replied on 2 May 2026; nobody has started the work yet.",
        ),
        (
            (
                "{date: 2026-05-02, by: alice, status: in-progress}, "
                "{date: 2026-05-09, by: ben, status: in-progress}"
            ),
            "Ben Okafor has been on it since 9 May 2026",
        ),
        (
            (
                "{date: 2026-05-02, by: alice, status: in-progress}, "
                "{date: 2026-05-03, by: alice, status: waiting-for-customer, note: Which?}, "
                f"{{date: 2026-05-04, {PERSON}, status: in-progress, note: This.}}"
            ),
            "Person Zephyrine answered on 4 May 2026; nobody at Example Tools has gone on",
        ),
        (
            (
                "{date: 2026-05-03, by: alice, status: waiting-for-customer, note: Which?}, "
                f"{{date: 2026-05-04, {PERSON}, note: This.}}"
            ),
            "Person Zephyrine answered on 4 May 2026; nobody at Example Tools has gone on",
        ),
        (
            "{date: 2026-05-03, by: alice, moved_to: support, ticket: SUP-1}",
            "Moved to technical support as SUP-1 on 3 May 2026",
        ),
        (
            (
                "{date: 2026-05-03, by: alice, status: resolved}, "
                "{date: 2026-05-09, by: alice, status: closed}"
            ),
            "Closed on 9 May 2026. If it comes back, write a new request that names ONE-11.",
        ),
    ],
)
def test_the_sentence_is_true(history: str, said: str, tmp_path: Path) -> None:
    """It names who is on it, and says so of nothing that nobody touched."""
    assert read_sentence(render_request(write_requests(tmp_path, history))).startswith(said)


def test_what_is_asked_is_quoted_with_person_and_date(tmp_path: Path) -> None:
    """It is the last note since the turn changed, or the one before that nobody answered."""
    waits = "{date: 2026-05-04, by: ben, status: waiting-for-customer"
    folder = write_requests(
        tmp_path,
        f"{waits}, note: Old}}, {{date: 2026-05-05, by: alice, note: <b>New</b>}}",
        f"{{date: 2026-05-03, by: alice, note: Before}}, {waits}}}",
        f"{{date: 2026-05-03, by: alice, note: Gone}}, {{date: 2026-05-03, {PERSON}, note: Ok}}, "
        f"{waits}}}",
        "{date: 2026-05-03, by: alice, status: in-progress, note: No question}",
    )
    quotes = [
        re.findall(r"<blockquote[^>]*>(.*?)</blockquote>\n<figcaption><bdi>(.*?)</bdi>", page)
        for page in (render_request(folder, f"ONE-{number}") for number in range(11, 15))
    ]
    assert quotes == [
        [("&lt;b&gt;New&lt;/b&gt;", "Alice Moreau")],
        [("Before", "Alice Moreau")],
        [],
        [],
    ]


def test_every_request_that_is_not_closed_can_be_answered_without_a_script(tmp_path: Path) -> None:
    """By a mail whose subject says what it is about; resolved ones have two ready texts."""
    folder = write_requests(
        tmp_path,
        "",
        "{date: 2026-05-03, by: alice, status: resolved}",
        "{date: 2026-05-03, by: alice, status: closed}",
        "{date: 2026-05-03, by: alice, estimate_minutes: 180, note: With a test.}",
    )
    mails = [list(list_mails(render_request(folder, f"ONE-{number}"))) for number in range(11, 15)]
    assert [[body for _, _, body in each] for each in mails] == [
        [""],
        ["This is solved. Please close it.\r\n\r\nStatus: closed", "This is still a problem:", ""],
        [],
        ["We approve the estimate of 3h.\r\n\r\nApproved: 180", ""],
    ]
    assert mails[0] == [("help@provider.example", "[ONE-11] Title & more", "")]


def test_an_estimate_stands_beside_what_is_used_until_it_is_approved(tmp_path: Path) -> None:
    history = "{date: 2026-05-03, by: alice, estimate_minutes: 180}, "
    history += f"{{date: 2026-05-05, {PERSON}, approved_minutes: 90}}"
    folder = write_requests(tmp_path, history)
    before, after = (render_request(folder, as_of=date(2026, 5, day)) for day in (4, 5))
    assert "Alice Moreau estimated 3h on 3 May 2026; 0m are used so far. Do you agree?" in before
    assert "<dt>Estimate</dt><dd>0m of 3h used</dd>" in before
    assert "Do you agree?" not in after
    assert "<dt>Approved by you</dt><dd>0m of 1h 30m used</dd>" in after
    assert "Approved: 1h 30m" in after


def test_files_are_downloads_that_nothing_takes_for_a_page(tmp_path: Path) -> None:
    """Also in an export; they change no policy, and those of other customers are not there."""
    folder = write_requests(tmp_path, "", attachments=f", attachments: [{SENT}, {NOTES}]")
    for name, content in ((SENT, SCRIPT), (NOTES, b"# Notes")):
        path = folder / "first" / "requests" / "ONE-11" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    with open_ledger(folder) as ledger:
        build_portals(ledger, tmp_path / "site", DAY)
        export_portal(ledger, "first", tmp_path / "export", DAY)
    portal = tmp_path / "site" / "first"
    files = portal / "requests" / "ONE-11"
    assert sorted(file.name for file in files.iterdir()) == sorted([f"{SENT}.bin", f"{NOTES}.bin"])
    assert (files / f"{SENT}.bin").read_bytes() == SCRIPT
    assert (tmp_path / "export/docs/requests/ONE-11" / f"{SENT}.bin").read_bytes() == SCRIPT
    page = (portal / "requests" / "ONE-11.html").read_text()
    link = f'<a href="../requests/ONE-11/{SENT}.bin" download="page.html"><bdi>page.html</bdi></a>'
    assert f'{link} <span class="quiet">500 kB</span>' in page
    policy = read_manifest(tmp_path / "site").portals["first"].content_security_policy
    assert "script-src 'self';" in policy
    assert (tmp_path / "site" / MANIFEST_NAME).is_file()


def test_offers_cover_overdrawn_work_first(tmp_path: Path) -> None:
    """Their price is the terms', and they last as long as the forecast says."""
    folder = write_requests(tmp_path, "")
    work = "- {id: 05-1, date: 2026-05-05, request: ONE-11, minutes: 675, note: Worked on it}\n"
    (folder / "first" / "time" / "2026-05-alice.yml").write_text(work)
    view = make_view(folder, DAY)
    owed = view.balance.overdrawn_minutes
    offers = list_offers(view)
    assert [each.cards for each in offers] == [1, 2, 3, 4, 5, 10, 20]
    assert [each.covered_minutes for each in offers] == [min(each.minutes, owed) for each in offers]
    assert owed > 0
    assert all(each.price == view.terms.price["USD"] * each.cards for each in offers)
    days = [each.forecast.last_day for each in offers if each.forecast.last_day]
    assert days == sorted(days)
    assert len(days) > 2
    page = render_bodies(view)["buy-hours"]
    assert "Of it for overdrawn work" in page
    assert "1,000.00 USD" in page


def test_who_never_bought_reads_prices_and_no_forecast(tmp_path: Path) -> None:
    folder = write_requests(tmp_path)
    for name in ("purchases.yml", "adjustments.yml"):
        (folder / "first" / name).unlink()
    for sheet in (folder / "first" / "time").iterdir():
        sheet.unlink()
    page = render_bodies(make_view(folder, DAY))["buy-hours"]
    assert "It is too early to say" in page
    assert "last until about" not in page


def test_where_requests_are_raised_elsewhere_the_pages_lead_there(tmp_path: Path) -> None:
    """No form, no script and no e-mail: a link, and the number to name."""
    folder = write_requests(tmp_path, "")
    provider = folder / "provider.yml"
    desk = "https://desk.provider.example"
    provider.write_text(provider.read_text().replace("help@provider.example", desk))
    bodies = render_bodies(make_view(folder, DAY))
    for path, said, link in [
        ("requests/ONE-11", "Answer there, and name ONE-11:", desk),
        ("buy-hours", "Order from Example Tools:", "mailto:sales@provider.example"),
    ]:
        assert f'{said} <a href="{link}"' in bodies[path]
        assert "<form" not in bodies[path]
        assert "<script" not in bodies[path]


@pytest.mark.parametrize(
    ("entries", "is_urgent"),
    [(6, False), (14, True)],
    ids=["more than four weeks", "less than four weeks"],
)
def test_the_overview_warns_of_hours_that_last_less_than_four_weeks(
    entries: int, is_urgent: bool, tmp_path: Path
) -> None:
    """Long before they count as low; the page to buy hours is always in the menu."""
    folder = write_requests(tmp_path, "")
    entry = "- {{id: {0}, date: 2026-06-{0}, request: ONE-11, minutes: 30, note: Worked}}\n"
    work = "".join(entry.format(10 + number) for number in range(entries))
    (folder / "first" / "time" / "2026-06-alice.yml").write_text(work)
    view = make_view(folder, DAY)
    overview = render_bodies(view)["index"]
    assert not view.balance.low
    assert ("your hours last until about" in overview) is is_urgent
    assert ('<a class="button button--link" href="buy-hours.html">' in overview) is is_urgent
    pages = render_portal(view).pages
    assert any(page.path == "buy-hours" and page.in_navigation for page in pages)


@pytest.mark.parametrize("has_intake", [False, True])
def test_the_pages_say_who_sends_what_is_typed(tmp_path: Path, has_intake: bool) -> None:
    view = make_view(write_requests(tmp_path, ""), DAY)
    bodies = render_bodies(view, PageStyle(has_intake=has_intake))
    for path in ("new-request", "buy-hours"):
        assert ("Your own mail program sends it" in bodies[path]) is not has_intake
