"""The first screen of the Overview answers six questions, with one card and with forty."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import Look
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.shared_builds import build_once
from tests.site_builder.conftest import SAMPLE_DAY, build_all
from tests.site_builder.hostile_ledger import write_yaml
from tests.site_builder.small_ledgers import ORGANIZATION, write_ledger

WIDE, PHONE = Look(width=1440, height=900), Look(width=390, height=844)
# On a desktop the words of the work stand there, too; on a telephone they are the next thing.
WORDS = "#news ~ .rows .row__facts >> nth=0"
PERSON = "dana@customer.example"
QUESTION = "Which of the two drafts shall we go on with? We need to know before our next session."
NOTE = "Reviewed the links of the specification. The rest follows next week."
ANSWERS = {
    "how much is left": ".hero__figure",
    "of what": ".hero .card >> nth=0",
    "until when": ".hero__outlook",
    "what waits for me": ".waiting blockquote",
    "where I answer": ".waiting .button",
    "what happened": "#news ~ .panel__lead",
    "how to ask": ".page-head [href='new-request.html']",
    "how to buy": ".page-head [href='buy-hours.html']",
    "how fresh it is": ".page-head [data-figure=as_of]",
    "when it changes": ".page-head time >> nth=1",
}


def make_customer(cards: int) -> dict[str, str]:
    """Return a customer who uses an hour a week, is asked a question, and has so many cards."""
    slug, key = f"cards-{cards}", "ONE" if cards == 1 else "MANY"
    weeks = 5 if cards == 1 else 12
    days = [SAMPLE_DAY - timedelta(days=2 + 7 * week) for week in reversed(range(weeks))]
    entries: dict[str, list[dict[str, str]]] = {}
    for number, day in enumerate(days, start=1):
        request = f"{key}-2" if day == days[-1] else f"{key}-1"
        entry = {"id": f"{number}", "date": f"{day}", "request": request, "minutes": "45"}
        entry["note"] = NOTE
        entries.setdefault(f"{day:%Y-%m}", []).append(entry)
    requests = {
        "1": ("Review of the specification", "waiting-for-customer", QUESTION),
        "2": ("Import of the links", "in-progress", "Begun."),
        "3": ("Training in spring", "open", "Noted."),
    }
    files: dict[str, object] = {
        "customer": {"name": "Customer", "key": key, "currency": "USD"},
        "accounts": [{"email": PERSON, "name": "Dana Whitfield", "created": "2026-01-12"}],
        "purchases": [
            {"id": "P1", "date": "2026-08-03", "punchcards": cards, "amount": f"{cards}000.00"}
        ],
        **{f"time/{month}-alice": each for month, each in entries.items()},
    }
    for name, (title, status, note) in requests.items():
        event = {"date": f"{days[-1]}", "by": "alice", "status": status, "note": note}
        files[f"requests/{key}-{name}"] = {
            "title": title,
            "category": "onboarding",
            "opened": "2026-08-03",
            "opened_by": PERSON,
            "channel": "punchcard",
            "history": [event],
        }
    return {f"{slug}/{path}.yml": write_yaml(content) for path, content in files.items()}


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """The portals of a customer with one card, and of one with forty."""
    folder = build_once(
        tmp_path_factory,
        "overviews",
        lambda root: build_all(
            write_ledger(root / "customers", ORGANIZATION, make_customer(1), make_customer(40)),
            root / "site",
            as_of=SAMPLE_DAY,
        ),
    )
    with serve_folder(folder / "site") as server:
        yield server


@pytest.mark.parametrize("cards", [1, 40])
@pytest.mark.parametrize("look", [WIDE, PHONE], ids=["desktop", "phone"])
def test_the_first_screen_answers(
    look: Look, cards: int, customers: PortalServer, open_page: OpenPage
) -> None:
    """Each answer ends above the lower edge of the screen."""
    page = open_page(look, at=customers).go(f"cards-{cards}/index.html")
    ends = {}
    answers = ANSWERS | ({"in words": WORDS} if look is WIDE else {})
    for question, selector in answers.items():
        box = page.locator(selector).bounding_box()
        assert box, question
        ends[question] = round(box["y"] + box["height"])
    assert {name: end for name, end in ends.items() if end > look.height} == {}, ends
    assert page.locator(".waiting blockquote").inner_text() == QUESTION
    link = page.locator(".waiting .button").get_attribute("href")
    assert link in {"requests/ONE-1.html#answer", "requests/MANY-1.html#answer"}
    assert page.locator(".hero .card").locator("visible=true").count() == (
        1 if look is PHONE else min(cards, 3)
    )
    assert page.locator(".hero .stack").count() == (cards > 1)
