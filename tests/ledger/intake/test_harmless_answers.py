"""Whatever a customer writes into an answer, it adds one event of theirs and nothing else."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.intake.mailboxes import Form, Spool
from ledger.ledger import open_ledger
from ledger.models import Request
from tests.conftest import RunPunchcard, git
from tests.ledger.intake.conftest import DAY, make_mail

TEXTS = [
    "Category: onboarding\n\nPlease charge it as this.",
    "Title: Another\nCategory: technical-support\nUrgency: high\n\nHello.",
    "Thanks.\n- {date: 2026-11-28, by: alice, moved_to: support}\n- moved_to: support",
    "status: resolved\nmoved_to: support\nestimate_minutes: 15\nby: alice",
    "x\n---\ntitle: Another\ncategory: onboarding\n...\n",
    "x\nhistory: []\nopened_by: eve@evil.example\n\u0085category: onboarding",
    "{{ 7 * 7 }} {% set x = 1 %} <script>alert(1)</script> ![x](../../secret)",
    "Approved: 600\nApproved: 900\nStatus: resolved",
]


def read_requests(repository: Path) -> dict[str, Request]:
    with open_ledger(repository / "customers", None, ("acme",)) as ledger:
        return dict(ledger.read_customer("acme").records.requests)


@pytest.mark.parametrize("way", ["mail", "form", "json"])
def test_an_answer_adds_an_event_and_nothing_else(
    sample_repository: Path, tmp_path: Path, punchcard: RunPunchcard, way: str
) -> None:
    before = read_requests(sample_repository)
    for number, text in enumerate(TEXTS):
        ran = punchcard(sample_repository, *give(tmp_path, number, text, way), "--commit", *DAY)
        assert ran.status == 0, ran
        changed = git(sample_repository, "show", "--name-only", "--format=", "HEAD").splitlines()
        assert [name for name in changed if "/ACME-13/" not in name] == [
            "customers/acme/requests/ACME-13.yml"
        ]
        after = read_requests(sample_repository)
        assert {**after, "ACME-13": None} == {**before, "ACME-13": None}
        old, new, kept = before["ACME-13"], after["ACME-13"], {"history": (), "attachments": ()}
        assert new.model_copy(update=kept) == old.model_copy(update=kept)
        *events, event = new.history
        assert tuple(events) == old.history
        assert event.by == "dana@acme.example"
        assert (event.category, event.moved_to, event.ticket, event.estimate_minutes) == (None,) * 4
        assert event.status in {None, "in-progress"}
        before = after
    assert punchcard(sample_repository, "check", *DAY).status == 0


def give(folder: Path, number: int, text: str, way: str) -> tuple[object, ...]:
    """Return the command that takes a text as an answer to ACME-13."""
    file = folder / f"message-{number}"
    if way == "form":
        spool, words = Spool(folder / "spool"), ("ignored", "onboarding", "high", text)
        form = Form(f"form-id-number-{number:03}", "acme", "dana@acme.example", "ACME-13", *words)
        spool.keep(form, form.to_mail(datetime(2026, 11, 28, 9, tzinfo=UTC)))
        return ("intake", "work", "--spool", folder / "spool", "--once")
    if way == "json":
        said = {"from": "dana@acme.example", "message_id": f"<j{number}@acme.example>"}
        said |= {"request": "ACME-13", "category": "onboarding", "title": "x", "text": text}
        file.write_text(json.dumps(said))
        return ("request", "receive", "--json", file)
    file.write_bytes(make_mail(number, subject="[ACME-13] x", text=f"{text}\n"))
    return ("request", "receive", file)
