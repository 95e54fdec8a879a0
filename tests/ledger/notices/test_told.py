"""The file of what was told: nobody twice, nobody forgotten, whatever cut a run short."""

from datetime import date
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.history.publications import Publication
from ledger.notices.letters import Plan, Told, hold_told

TAGS = ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-16.2", "2026-11-23"]
DANA, SAM = ("acme", "dana@acme.example"), ("acme", "sam@acme.example")


def publish(*names: str) -> list[Publication]:
    return [
        Publication(f"published/{name}", "c", date.fromisoformat(name[:10]), None, "", {}, ())
        for name in names or TAGS
    ]


def describe(plan: Plan) -> list[tuple[str | None, str]]:
    return [(each.tag[10:] if each else None, plan.now.tag[10:]) for each in plan.steps]


@pytest.mark.parametrize(
    ("up_to", "since", "until", "steps"),
    [
        (None, None, None, [("2026-11-16.2", "2026-11-23")]),
        (None, None, "2026-11-02", [(None, "2026-11-02")]),
        (None, "2026-11-02", None, [("2026-11-02", "2026-11-23")]),
        ("2026-11-09", None, None, [("2026-11-09", "2026-11-23")]),  # weeks were skipped
        ("2026-11-09", "2026-11-02", None, [("2026-11-09", "2026-11-23")]),  # told already
        ("2026-11-09", "2026-11-16", None, [("2026-11-16", "2026-11-23")]),
        ("2026-11-23", None, None, []),
        ("2026-11-23", None, "2026-11-16", []),  # out of order
        ("2026-11-23", "2026-11-02", "2026-11-16", []),
        ("2026-11-10", None, "2026-11-16", [("2026-11-09", "2026-11-16")]),  # its tag is gone
    ],
)
def test_what_is_compared(
    tmp_path: Path,
    up_to: str | None,
    since: str | None,
    until: str | None,
    steps: list[tuple[str | None, str]],
) -> None:
    told = Told(tmp_path / "told")
    if up_to:
        told.finish(f"published/{up_to}")
    named = until and f"published/{until}"  # with the prefix or without it
    assert describe(Plan(publish(), Told(tmp_path / "told"), since, named)) == steps


def test_a_run_that_was_cut_short_goes_on_from_where_each_person_is(tmp_path: Path) -> None:
    path = tmp_path / "told"
    with hold_told(path) as told:
        told.finish("published/2026-11-09")
        told.add("published/2026-11-16", *DANA)
    with path.open("ab") as file:
        file.write(b"published/2026-11-16 5d41")  # a power cut
    later = Told(path)
    same = Plan(publish(), later, None, "published/2026-11-16")
    assert describe(same) == [("2026-11-09", "2026-11-16")]
    assert [same.is_due(same.steps[0], *person) for person in (DANA, SAM)] == [False, True]
    plan = Plan(publish(), later, None, None)
    assert describe(plan) == [("2026-11-09", "2026-11-23"), ("2026-11-16", "2026-11-23")]
    due = [[plan.is_due(step, *person) for step in plan.steps] for person in (DANA, SAM)]
    assert due == [[False, True], [True, False]]
    with hold_told(path) as again:
        again.add("published/2026-11-23", *SAM)
    after = Told(path)
    assert after.find(*SAM) == "published/2026-11-23"
    assert "dana" not in path.read_text()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    told = Told(tmp_path / "told")
    with pytest.raises(LedgerError, match="nothing was published yet"):
        Plan([], told, None, None)
    with pytest.raises(LedgerError, match="no publication published/2026-01-01") as raised:
        Plan(publish(), told, "published/2026-01-01", None)
    assert raised.value.hint == "the last one is published/2026-11-23"
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot write"), hold_told(tmp_path / "file" / "told"):
        pass
