"""Going back to an earlier edition, whose generations are still there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ledger.errors import LedgerError
from ledger.history.publications import TAG_PREFIX
from site_builder.publish.editions import Edition, Journal
from site_builder.publish.folder import PublicationFolder, putting_off_interrupts
from site_builder.publish.report import CustomerReport, Effect, PublicationReport


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
        journal, shown = folder.read_journal(), folder.list_shown()
        edition = _choose_edition(journal, tag)
        customers = [
            _choose_effect(folder, slug, name, shown.get(slug), today)
            for slug, name in sorted(edition.portals.items())
        ]
        portals = {each.slug: each.generation for each in customers if each.generation}
        with putting_off_interrupts():
            after = journal.with_live(edition.model_copy(update={"portals": portals}))
            folder.switch(journal, after)
    for slug in sorted(shown.keys() - edition.portals.keys()):
        customers.append(CustomerReport(slug, Effect.TAKEN_DOWN, reason="had none then"))
    return PublicationReport(
        str(folder.path), edition.commit, edition.as_of, edition.tag, tuple(customers)
    )


def _choose_edition(journal: Journal, tag: str | None) -> Edition:
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


def _choose_effect(
    folder: PublicationFolder, slug: str, name: str, shown: str | None, today: date
) -> CustomerReport:
    """Return what becomes of a customer's portal; ``shown`` is the generation that is seen now.

    Raises:
        LedgerError: the generation to go back to is damaged.
    """
    generation, damage = folder.read_generation(slug, name), folder.find_damage(slug, name)
    if generation is None or damage is not None:
        raise LedgerError(
            f"the portal {name} of {slug} is damaged: {damage}, so nothing is changed",
            "go back to another publication with --to",
        )
    # What is shown now may know of a later last day.
    now = folder.read_generation(slug, shown)
    if generation.is_over(today) and (now is None or now.is_over(today)):
        effect = Effect.NONE if shown is None else Effect.TAKEN_DOWN
        return CustomerReport(slug, effect, reason=f"closed after {generation.last_day}")
    effect = Effect.UNCHANGED if shown == name else Effect.PUBLISHED
    return CustomerReport(slug, effect, name, generation.as_of)
