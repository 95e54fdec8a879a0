"""The switch from one edition to another, and what puts it right if it was cut short."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from site_builder.publication.journal import Edition, Journal
from site_builder.publication.publication_folder import PublicationFolder

_PUT_OFF = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def switch(folder: PublicationFolder, before: Journal, after: Journal) -> None:
    """Let customers see the live edition of ``after``; if that fails, what they saw before.

    Each portal is switched by one rename. If the process is killed in between, whoever comes next
    finds the journal, and finishes.

    Raises:
        LedgerError: it failed.
    """
    with folder.explaining_failures():
        folder.write_journal(after)
        try:
            show_live(folder, after)
        except BaseException:
            # Where the disk refuses this, too, the journal says what is to be shown.
            with suppress(OSError):
                show_live(folder, before)
                folder.write_journal(before)
            raise


def repair(folder: PublicationFolder) -> Journal:
    """Let customers see what the journal says, and remove what a killed publication has left.

    A generation that is damaged is not shown in place of another one.

    Raises:
        LedgerError: it cannot be written.
    """
    with folder.explaining_failures():
        journal = folder.read_journal()
        live = journal.live_edition
        if live is not None:
            show_live(folder, journal.with_live(_leave_out_damaged(folder, live)))
        folder.clear(journal)
    return journal


@contextmanager
def putting_off_interrupts() -> Iterator[None]:
    """Finish what is begun here before Ctrl-C, or a request to end, has its effect.

    Ctrl-C has none then: what it was to stop is done. Git is not interrupted either.
    """
    late: list[int] = []
    handlers = {number: signal.getsignal(number) for number in _PUT_OFF}
    # Blocked for Git, which inherits that; noted, because another thread may be given the signal.
    for number in _PUT_OFF:
        signal.signal(number, lambda number, _frame: late.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _PUT_OFF)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for missed in set(late) - {signal.SIGINT}:
        signal.raise_signal(missed)


def show_live(folder: PublicationFolder, journal: Journal) -> None:
    """Let customers see the live edition of a journal, and nothing else; and say so."""
    live = journal.live_edition
    portals = {} if live is None else live.portals
    folder.show(portals)
    if live is not None:
        folder.write_manifest(portals, _describe(live))


def _describe(edition: Edition) -> dict[str, Any]:
    return {
        "number": edition.number,
        "tag": edition.tag,
        "commit": edition.commit,
        "as_of": edition.as_of.isoformat(),
        "held_back": list(edition.held_back),
    }


def _leave_out_damaged(folder: PublicationFolder, edition: Edition) -> Edition:
    """Return the edition with what is seen now in place of what is damaged."""
    shown = folder.list_shown()
    portals = dict(edition.portals)
    for slug, name in edition.portals.items():
        if shown.get(slug) != name and folder.find_damage(slug, name) is not None:
            del portals[slug]
            if slug in shown:
                portals[slug] = shown[slug]
    return replace(edition, portals=portals)
