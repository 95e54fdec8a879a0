"""What a consultant need not type: the customer, the year, a note said before."""

from typing import Any

import pytest

from ledger.files.yaml import parse_yaml
from tests.conftest import Commands

SHEET = "customers/acme/time/2026-06-alice.yml"


def last_entry(run: Commands, sheet: str = SHEET) -> dict[str, str]:
    entries: Any = parse_yaml(run.read(sheet).encode())
    found: dict[str, str] = entries[-1]
    return found


@pytest.mark.parametrize("place", [(), ("--branch", "time/alice")])
def test_the_key_of_a_request_tells_the_customer(run: Commands, place: tuple[str, ...]) -> None:
    for words in (("ACME-1", "1h15", "First."), ("acme-1", "1:15", "-m", "Set it up.")):
        assert "log 1h 15m on ACME-1 (alice)\n  Single sign-on\n" in run.done("log", *words, *place)
    if place:
        run.git("merge", "--quiet", "time/alice")
    assert last_entry(run) == {
        "id": "30-2-xyz",
        "date": "2026-06-30",
        "request": "ACME-1",
        "minutes": "75",
        "note": "Set it up.",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ACME-7", "15m", "x"), "no customer has a request ACME-7 (punchcard request list"),
        (("ACME-1", "soon", "x"), "'soon' is not a duration"),
        (("ACME-1", "15m", "x", "y"), "more words than customer, request, duration and note"),
        (("ACME-1", "15m", "x", "-m", "y"), "more words than customer, request, duration and note"),
        (("ACME-1", "15m", "x", "-d", "soon"), "or as yesterday, mon or -1"),
        (("--repeat", "04-1"), "there is no time entry '04-1' (name it like 03-1-kfm"),
        (("ACME-1",), "missing: DURATION, -m NOTE"),
    ],
)
def test_what_is_not_understood(run: Commands, words: tuple[str, ...], said: str) -> None:
    run("log", *words).refused(said)


def test_a_customer_may_be_called_like_a_request(run: Commands) -> None:
    (run.root / "customers/acme").rename(run.root / "customers/acme-1")
    run.done("log", "acme-1", "1", "15m", "x")


@pytest.mark.parametrize(
    ("word", "day"),
    [
        *(("today", "30"), ("yesterday", "29"), ("-1", "29"), ("-12", "18"), ("2026-06-02", "02")),
        *(("tue", "30"), ("Monday", "29"), ("wed", "24")),
    ],
)
def test_days_are_said_as_people_say_them(run: Commands, word: str, day: str) -> None:
    run.done("log", "ACME-1", "15m", "x", "-d", word)
    assert last_entry(run)["date"] == f"2026-06-{day}"


@pytest.mark.parametrize(
    ("more", "minutes", "note"),
    [
        ((), "45", "Kick-off."),
        (("1h",), "60", "Kick-off."),
        (("1h", "Again."), "60", "Again."),
        (("-m", "Again."), "45", "Again."),
    ],
)
def test_an_entry_is_repeated(
    run: Commands, more: tuple[str, ...], minutes: str, note: str
) -> None:
    sheet = run.root / SHEET
    sheet.write_text(sheet.read_text() + "  category: system-access\n  internal_note: Ask Ben.\n")
    run.done("log", "--repeat", "03-1", *more, "--as", "alice")
    last = last_entry(run)
    assert (last["minutes"], last["note"], last["date"]) == (minutes, note, "2026-06-30")
    assert (last["category"], last["internal_note"]) == ("system-access", "Ask Ben.")


def test_the_latest_month_and_a_full_name_say_which_entry_is_repeated(run: Commands) -> None:
    assert run("log", "ACME-1", "15m", "May.", "-d", "2026-05-03", "--as", "ben").status == 0
    assert run("log", "--repeat", "2026-05-ben/03-1").status == 0
    assert last_entry(run)["note"] == "May."
    assert run("log", "--repeat", "acme/2026-06-alice/03-1").status == 0
    assert last_entry(run)["note"] == "Kick-off."
    assert run("correct", "acme", "03-1", "15m", "-m", "Too much.").status == 0
    ran = run("log", "--repeat", last_entry(run)["id"])
    assert "is a correction (repeat the entry itself)" in ran.stderr


def test_two_customers_may_have_entries_of_one_name(run: Commands) -> None:
    other = run.root / "customers/other/time"
    other.mkdir(parents=True)
    (other / "2026-06-alice.yml").write_text(run.read(SHEET))
    ran = run("log", "--repeat", "03-1")
    assert "acme/2026-06-alice/03-1 or other/2026-06-alice/03-1" in ran.stderr
