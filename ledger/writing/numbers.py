"""The next number of a request or a sale, after all that any branch has given.

Two people who each record something on a branch of their own must not give two records one id:
each branch, local or fetched, is asked for the ids that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ledger.errors import LedgerError
from ledger.git import GitRepository
from ledger.writing.draft import WritingDesk

_BRANCHES = ("for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes")


def find_next_number(
    desk: WritingDesk, prefix: str, known: Iterable[str], paths: Sequence[str]
) -> int:
    """Return the number after the highest that follows ``prefix`` in an id.

    ``known``: the ids of the records that the desk has; ``paths``: the folder or the files, from
    the ledger's folder, that hold such records.
    """
    form = re.compile(rf"{re.escape(prefix)}([0-9]{{1,9}})")
    numbers = [int(found[1]) for each in known if (found := form.fullmatch(each))]
    if desk.ledger.repository is not None:
        places = [f"{desk.ledger.files.prefix}{path}" for path in paths]
        # An item of a file, or an entry of a folder: its mode and its name.
        written = rb"(?:\bid: *['\"]?|[0-7]{5,6} )" + form.pattern.encode() + rb"(?![\w-])"
        for content in _read_branches(desk.ledger.repository, places):
            numbers += map(int, re.findall(written, content))
    return max(numbers, default=0) + 1


def _read_branches(repository: GitRepository, places: Sequence[str]) -> Iterator[bytes]:
    """Yield what each branch has at some places; a place that it lacks is left out."""
    for commit in {*repository.run(*_BRANCHES).decode().split()}:
        for place in places:
            with suppress(LedgerError):
                yield repository.read_object(f"{commit}:{place}")
