"""Going back to an earlier edition, whose generations are still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError
from ledger.history.publication import TAG_PREFIX
from site_builder.publication.generation import Generation
from site_builder.publication.journal import Edition, Journal
from site_builder.publication.publication_folder import PublicationFolder
from site_builder.publication.report import CustomerReport, Effect, PublicationReport
from site_builder.publication.switch import putting_off_interrupts, switch


def roll_back(path: Path, tag: str | None, today: date) -> PublicationReport:
    """Let customers see an earlier edition again: the one before, or the one that ``tag`` names.

    What the ledger says now is not asked. A portal whose last day has passed stays closed.

    Raises:
        AlreadyPublishingError: somebody else is publishing there.
        LedgerError: there is no such edition any more, or it is damaged; nothing was changed.
    """
    folder = PublicationFolder(path.resolve())
    if not folder.is_ours:
        raise LedgerError(
            f"nothing was published into {path}", "name the folder that `portal publish` wrote to"
        )
    with folder.lock():
        journal = folder.read_journal()
        edition = _choose(journal, tag)
        shown = folder.list_shown()
        portals, customers = _choose_portals(folder, edition, shown, today)
        with putting_off_interrupts():
            after = journal.with_live(replace(edition, portals=portals))
            switch(folder, journal, after)
    gone = sorted(shown.keys() - edition.portals.keys())
    customers += [CustomerReport(slug, Effect.TAKEN_DOWN, None, "had none then") for slug in gone]
    return PublicationReport(
        str(folder.path), edition.commit, edition.as_of, edition.tag, tuple(customers)
    )


def _choose(journal: Journal, tag: str | None) -> Edition:
    live = journal.live_edition
    if tag is None:
        found = None if live is None else journal.find(live.before)
    else:
        name = TAG_PREFIX + tag.removeprefix(TAG_PREFIX)
        found = next((each for each in journal.editions if each.tag == name), None)
    if found is not None:
        return found
    kept = [each.tag for each in journal.editions if each.tag is not None and each is not live]
    raise LedgerError(
        "there is no publication to go back to" if tag is None else f"{tag} is not kept any more",
        f"kept are: {', '.join(kept)}" if kept else "`portal build --rev TAG` makes it again",
    )


def _choose_portals(
    folder: PublicationFolder, edition: Edition, shown: Mapping[str, str], today: date
) -> tuple[dict[str, str], list[CustomerReport]]:
    """Return the generations to show, and what becomes of each portal.

    Raises:
        LedgerError: one is damaged.
    """
    portals: dict[str, str] = {}
    reports = []
    for slug, name in sorted(edition.portals.items()):
        generation = folder.read_generation(slug, name)
        damage = folder.find_damage(slug, name)
        if generation is None or damage is not None:
            raise LedgerError(
                f"the portal {name} of {slug} is damaged: {damage}, so nothing is changed",
                "go back to another publication with --to",
            )
        if _is_over(generation, today) and _is_over_by_now(folder, slug, shown, today):
            reports.append(_leave_closed(slug, generation, is_shown=slug in shown))
            continue
        portals[slug] = name
        effect = Effect.UNCHANGED if shown.get(slug) == name else Effect.PUBLISHED
        reports.append(CustomerReport(slug, effect, generation.as_of))
    return portals, reports


def _is_over(generation: Generation, today: date) -> bool:
    return generation.last_day is not None and generation.last_day < today


def _is_over_by_now(
    folder: PublicationFolder, slug: str, shown: Mapping[str, str], today: date
) -> bool:
    """Whether what is shown now does not know of a later last day, either."""
    generation = folder.read_generation(slug, shown[slug]) if slug in shown else None
    return generation is None or _is_over(generation, today)


def _leave_closed(slug: str, generation: Generation, *, is_shown: bool) -> CustomerReport:
    effect = Effect.TAKEN_DOWN if is_shown else Effect.NONE
    return CustomerReport(slug, effect, None, f"closed after {generation.last_day}")
