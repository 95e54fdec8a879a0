"""The page of a request tells one story: everything once, in order, and it adds up."""

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from tests.ledger.engine.random_ledgers import make_seeded_ledger
from tests.site_builder.built_pages import render_bodies
from tests.site_builder.conftest import make_view, view_random_ledger
from tests.site_builder.test_answering import PERSON, render_request, write_requests

WAITS = "by: alice, status: waiting-for-customer"
CHARGED = re.compile(r'event__time"><data value="(-?\d+)">[^<]*</data>(?! <span class="free")')


@pytest.mark.parametrize("seed", range(30))
def test_it_is_complete_and_adds_up(seed: int) -> None:
    """In random ledgers: each event and each entry once, and their minutes are those charged."""
    ledger = make_seeded_ledger(seed)
    day = ledger.iterate_days()[-1 - seed % 3]
    view = view_random_ledger(ledger, day)
    bodies = render_bodies(view)
    assert {request.id for request in view.requests} == {
        id_ for id_, request in ledger.records.requests.items() if request.opened <= day
    }
    links = re.findall(r'href="(requests/[^".]*)\.html#(day-[^"]*)"', bodies["statement"])
    assert len(links) == sum(len(request.entries) for request in view.requests)
    assert all(f'id="{anchor}"' in bodies[path] for path, anchor in links)
    for request in view.requests:
        days = [each for each, _acts in request.story]
        assert days == sorted(set(days))
        assert all(act.date == each for each, acts in request.story for act in acts)
        acts = list(chain.from_iterable(acts for _day, acts in request.story))
        work = [each for each in view.statement.movements if each.request == request.id]
        history = ledger.records.requests[request.id].events_until(day)
        assert [act for act in acts if act in work] == work
        assert len(acts) == len(work) + len(history)
        body = bodies[f"requests/{request.id}"]
        kinds = Counter(re.findall(r'data-act="(\w+)"', body))
        assert kinds == Counter(str(each.kind) for each in work) + Counter(event=len(history))
        assert body.count('id="day-') == len(days)
        assert sum(map(int, CHARGED.findall(body))) == request.charged_minutes
        assert f'<data value="{request.charged_minutes}" data-figure="charged_minutes">' in body


@pytest.mark.parametrize(
    ("history", "order"),
    [
        ("", ["TIME"]),
        ("{date: 2026-05-05, by: alice, status: in-progress, note: N1}", ["N1", "TIME"]),
        (f"{{date: 2026-05-05, {WAITS}, note: N1}}", ["TIME", "N1"]),
        (
            ", ".join(
                f"{{date: 2026-05-05, {act}}}"
                for act in (f"{PERSON}, note: N1", WAITS, f"{PERSON}, note: N2")
            ),
            ["N1", "TIME", "N2"],
        ),
        ("{date: 2026-05-05, by: alice, status: resolved, note: N1}", ["TIME", "N1"]),
        ("{date: 2026-05-05, by: alice, moved_to: support, note: N1}", ["N1", "TIME"]),
        ("{date: 2026-05-04, by: alice, note: N1}, {date: 2026-05-06, by: alice, note: N2}", None),
    ],
)
def test_work_stands_before_what_was_handed_over(
    history: str, order: list[str] | None, tmp_path: Path
) -> None:
    """In the order of the days; and on one day work comes after what began it."""
    folder = write_requests(tmp_path, history)
    work = "- {id: 05-1, date: 2026-05-05, request: ONE-11, minutes: 30, note: TIME}\n"
    (folder / "first" / "time" / "2026-05-alice.yml").write_text(work)
    _, story = render_request(folder).split('id="history"')
    found = re.findall(r'dir="auto">(N\d|TIME)</p>', story)
    assert found == (order or ["N1", "TIME", "N2"])
    assert story.index("Opened") < story.index("TIME")


@pytest.mark.parametrize(("events", "folded"), [(40, 0), (41, 21)])
def test_a_long_story_folds_its_earlier_days(events: int, folded: int, tmp_path: Path) -> None:
    """Its opening and its last days are shown, and nothing is left out."""
    history = ", ".join(
        f"{{date: 2026-{5 + number // 28:02}-{1 + number % 28:02}, {PERSON}, note: N{number}}}"
        for number in range(1, events + 1)
    )
    page = render_request(write_requests(tmp_path, history))
    assert re.findall(r"N(\d+)</p>", page) == [str(number) for number in range(1, events + 1)]
    _, story = page.split('id="history"')
    _, _, fold = story.partition("<details")
    assert len(re.findall(r"N\d+</p>", fold.partition("</details>")[0])) == folded
    assert ("earlier days: 2 May 2026 to" in fold) is bool(folded)


def test_money_stands_only_where_it_is_shown(tmp_path: Path) -> None:
    folder = write_requests(tmp_path, "{date: 2026-05-05, by: alice, status: in-progress}")
    work = "- {id: 05-1, date: 2026-05-05, request: ONE-11, minutes: 30, note: TIME}\n"
    (folder / "first" / "time" / "2026-05-alice.yml").write_text(work)
    assert make_view(folder).provider.shows_money
    assert "30m</data> · <data" in render_request(folder)
    file = folder / "provider.yml"
    file.write_text(file.read_text() + "shows_money: false\n")
    page = render_request(folder)
    assert "30m</data></span>" in page
    assert "USD" not in page
