"""Commits as people read them, on one line, and as other programs do."""

from __future__ import annotations

from typing import Any

from ledger.history.git_history import Commit, shorten_id
from ledger.text import make_printable


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
