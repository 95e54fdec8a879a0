"""Records, what became of them, and the commits they come from, for people and programs."""

from __future__ import annotations

from typing import Any

from ledger.balance.json_values import lot_to_json, select_fields, to_json
from ledger.history.commits import Commit
from ledger.history.provenance import Origin
from ledger.history.record_story import RecordStory
from ledger.text import make_printable, shorten_id


def describe_commit(commit: Commit) -> str:
    """Return which commit it is, of which day, by whom, and what its author says of it."""
    line = f"{shorten_id(commit.id)} {commit.day} {commit.author} <{commit.email}>"
    return make_printable(f"{line}: {commit.subject}" if commit.subject else line)


def commit_to_json(commit: Commit) -> dict[str, Any]:
    """Return a commit; ``date`` is when it was made, with the author's time zone."""
    return {
        "commit": commit.id,
        "author": commit.author,
        "email": commit.email,
        "date": commit.date,
        "subject": commit.subject,
    }


def origin_to_json(origin: Origin | None, *, is_changed: bool) -> dict[str, Any]:
    """Return where a record comes from; None if it is in no commit yet.

    ``is_changed`` is whether it differs from what is committed.
    """
    brought, changed = (None, None) if origin is None else (origin.brought, origin.changed)
    return {
        "brought": brought and commit_to_json(brought),
        "changed": changed and commit_to_json(changed),
        "uncommitted": origin is None or is_changed,
    }


def story_to_json(story: RecordStory) -> dict[str, Any]:
    """Return a record and what became of it."""
    return {
        "reference": story.reference,
        "kind": story.found.kind,
        "file": story.position.file,
        "line": story.position.line,
        "record": to_json(story.found.record),
        "draws": to_json(story.draws),
        "corrections": [
            {"reference": item.name, **to_json(item.record)} for item in story.corrections
        ],
        "lots": [lot_to_json(lot) for lot in story.lots],
        "uses": [
            {"lot": use.lot, **select_fields(use.movement, "date", "kind", "reference")}
            | {"minutes": use.minutes}
            for use in story.uses
        ],
        "entries": [
            select_fields(movement, "date", "reference", "worked_minutes", "minutes")
            for movement in story.entries
        ],
    }
