"""A publication, from a commit to the portals that customers see; and going back to one.

Everything is made and checked aside first. What can fail, fails before the journal is written;
from then on there is nothing left to do but renames, and who is killed between two of them is
finished by the next one.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError, Problem
from ledger.git import FETCH_HINT, GitRepository
from ledger.history import publications
from ledger.ledger import Ledger
from ledger.rules.catalogue import check_unique_key
from site_builder.build import Outcome, PortalWork
from site_builder.errors import refuse_jump
from site_builder.output import list_versions
from site_builder.publish import portals
from site_builder.publish.folder import PublicationFolder, putting_off_interrupts
from site_builder.publish.journal import (
    CustomerReport,
    Edition,
    Effect,
    Generation,
    Journal,
    PublicationReport,
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication of a ledger that was opened at a commit; never of the work tree."""

    ledger: Ledger
    folder: PublicationFolder
    as_of: date
    kept: int = 3  # how many editions to keep, the new one among them
    is_recorded: bool = True  # whether to make a tag
    since: str | None = None  # compare with this commit instead of what was published last
    is_by_clock: bool = False  # whether the day is the clock's, which may be wrong
    parts: tuple[Path, ...] = ()  # take the portals from these folders instead of building them
    # the customers whose portals are published, the others stay as they are; none: all
    only: frozenset[str] = frozenset()
    jobs: int = 1  # how many processes to use
    # called after each customer with its slug, to show progress
    on_customer: Callable[[str], None] = lambda _slug: None

    def run(self) -> PublicationReport:
        """Publish.

        Raises:
            LedgerHasErrorsError: what all portals have in common has errors; nothing was changed.
            AlreadyPublishingError: somebody else is at it.
            LedgerError: it cannot be done; customers see what they saw before.
        """
        folder, repository = self.folder, self.ledger.repository
        if repository is None or self.ledger.revision is None:
            raise LedgerError(
                "only a commit can be published", "name it with --rev; without, it is HEAD"
            )
        with folder.lock():
            live, remarks = folder.repair().live_edition, []
            if live is not None and live.is_recorded and live.tag is None:
                tag = _record(folder, repository, live)
                remarks.append(f"{tag}, which was cut short, is complete now")
            for tag in publications.list_strange_tags(repository):
                remarks.append(f"the tag {tag} counts for nothing: {publications.STRANGE}")
            try:
                report = self._publish(repository, self.ledger.revision, folder.read_journal())
            except BaseException:
                with suppress(OSError, LedgerError):
                    folder.clear(folder.read_journal())
                raise
        return replace(report, remarks=tuple(remarks))

    def _publish(
        self, repository: GitRepository, commit: str, journal: Journal
    ) -> PublicationReport:
        """Publish into the folder, which is locked and in order."""
        folder, earlier = self.folder, self._list_earlier(repository, journal)
        since = None if self.since is None else repository.resolve_commit(self.since)
        problems = portals.find_problems(self.ledger, repository, earlier, self.as_of, since)
        with folder.explaining_failures():
            customers = self._make_all(repository, commit, journal, problems)
        report = PublicationReport(str(folder.path), commit, self.as_of, None, customers)
        if not report.is_done:
            return report
        edition = Edition(
            number=journal.next_number,
            before=journal.live,
            commit=commit,
            as_of=self.as_of,
            digest=publications.digest_figures(self.ledger, self.as_of),
            is_recorded=self.is_recorded,
            tag=None,
            versions=list_versions(),
            held_back=report.held_back,
            portals=report.portals,
        )
        live = journal.live_edition
        with putting_off_interrupts():
            if live is not None and edition.repeats(live):
                tag = live.tag
            else:
                folder.switch(edition)
                tag = _record(folder, repository, edition) if edition.is_recorded else None
            folder.prune(self.kept)
        return replace(report, tag=tag)

    def _list_earlier(
        self, repository: GitRepository, journal: Journal
    ) -> Sequence[portals.Published]:
        """Return what was published before, oldest first: by the tags, or else by the journal."""
        live = journal.live_edition
        tags: Sequence[portals.Published] = ()
        if self.is_recorded:
            try:  # before there is a tag to be made
                repository.run("var", "GIT_COMMITTER_IDENT")
            except LedgerError as error:
                raise LedgerError(
                    "Git does not know who makes the publication's tag",
                    "git config user.name NAME; git config user.email ADDRESS",
                ) from error
            if repository.is_shallow():
                message = "this clone is too shallow to compare with what was published before"
                raise LedgerError(message, FETCH_HINT)
            tags = publications.read_publications(repository)
            if live is not None and live.tag not in {None, *(each.tag for each in tags)}:
                raise LedgerError(
                    f"what is published is recorded as {live.tag}, which this repository does not "
                    "have",
                    "bring the tags of publications: `git fetch --tags`",
                )
        last_day = max((each.as_of for each in (*tags, *([live] if live else []))), default=None)
        if last_day is not None and self.as_of < last_day:
            raise LedgerError(
                f"{self.as_of} is before {last_day}, the day of the last publication",
                f"publish as of {last_day} or later; `punchcard portal rollback` goes back",
            )
        if self.is_by_clock:
            refuse_jump(self.as_of, last_day, "the day of the last publication")
        return tags if self.is_recorded else journal.editions

    def _make_all(
        self,
        repository: GitRepository,
        commit: str,
        journal: Journal,
        problems: Mapping[str, Sequence[Problem]],
    ) -> Sequence[CustomerReport]:
        """Make all generations and return what is to become of each portal."""
        ledger, folder = self.ledger, self.folder
        folder.refuse_foreign_names(ledger.slugs)
        if ledger.organization.provider is None:
            message = "the ledger has no provider.yml, so the portals would not say whose they are"
            raise LedgerError(message, "add it: name, timezone, published_on, contacts, links")
        with tempfile.TemporaryDirectory(
            prefix=".making-", dir=folder.store, ignore_cleanup_errors=True
        ) as aside:
            staged, look = Path(aside, "portals"), Path(aside, "look")
            configuration = portals.check_out_look(repository, commit, ledger.files.prefix, look)
            work = PortalWork(ledger, self.as_of, configuration, staged)
            wanted = self.only or {*ledger.slugs}
            todo = [slug for slug in ledger.slugs if slug in wanted and slug not in problems]
            made: dict[str, Outcome] = {}
            for each in (
                portals.take_parts(self.parts, ledger, work, self.as_of, staged)
                if self.parts
                else portals.make_portals(work, todo, self.jobs)
            ):
                made[each.slug] = each
                self.on_customer(each.slug)
            owners: dict[str, str] = {}
            reports = []
            for slug in ledger.slugs:
                shown = journal.shown.get(slug)
                if slug not in wanted:
                    report = _leave(slug, shown)
                elif slug in problems:
                    report = _hold_back(slug, shown, problems[slug])
                else:
                    report = self._judge(made[slug], journal.next_number, owners, shown)
                if report.effect is Effect.PUBLISHED and report.generation is not None:
                    folder.keep(slug, report.generation, staged / slug)
                reports.append(report)
        for slug in sorted(journal.shown.keys() - {*ledger.slugs}):
            gone = CustomerReport(slug, Effect.TAKEN_DOWN, reason="is no longer in the ledger")
            reports.append(_leave(slug, journal.shown[slug]) if self.only else gone)
        return reports

    def _judge(
        self,
        outcome: Outcome,
        number: int,
        owners: dict[str, str],
        shown: Generation | None,
    ) -> CustomerReport:
        """Return what becomes of what was made, by what is ``shown`` and the ``owners`` of keys."""
        ledger, slug = self.ledger, outcome.slug
        if outcome.failure:
            return _hold_back(slug, shown, (), f"the pages cannot be made: {outcome.failure}")
        if outcome.errors:
            return _hold_back(slug, shown, outcome.errors)
        if outcome.key in owners:
            return _hold_back(slug, shown, [*check_unique_key(ledger.read_customer(slug), owners)])
        owners[outcome.key] = slug
        if not outcome.has_portal:
            effect = Effect.TAKEN_DOWN if shown else Effect.NONE
            return CustomerReport(slug, effect, reason=outcome.reason)
        new = Generation(
            name=f"{number:06d}-{outcome.files[:12]}",
            as_of=self.as_of.isoformat(),
            revision=ledger.revision,
            content_security_policy=outcome.policy,
            files=outcome.files,
            last_day=outcome.last_day,
        )
        is_same = shown and shown == new.model_copy(update={"name": shown.name})
        if shown and is_same and self.folder.is_whole(slug, shown):
            return CustomerReport(slug, Effect.UNCHANGED, shown)
        return CustomerReport(slug, Effect.PUBLISHED, new)


def _leave(slug: str, shown: Generation | None) -> CustomerReport:
    return CustomerReport(slug, Effect.UNCHANGED if shown else Effect.NONE, shown)


def _hold_back(
    slug: str, shown: Generation | None, problems: Sequence[Problem], reason: str = ""
) -> CustomerReport:
    """Leave a customer's portal as it is."""
    if problems:
        reason = f"the data has {len(problems)} error{'' if len(problems) == 1 else 's'}"
    return CustomerReport(slug, Effect.HELD_BACK, shown, reason, tuple(problems))


def _record(folder: PublicationFolder, repository: GitRepository, live: Edition) -> str:
    """Make the tag of the live edition and return it.

    It may have been made just before its publication was killed. If it cannot be made, the edition
    stays live, and the next publication tries.
    """
    journal = folder.read_journal()
    taken = {each.tag for each in journal.editions}
    facts = (live.commit, live.as_of, live.digest, live.held_back)
    try:
        for each in publications.read_publications(repository):
            made = (each.commit, each.as_of, each.digest, each.held_back)
            if made == facts and each.tag not in taken:
                tag = each.tag
                break
        else:
            tag = publications.make_publication(
                repository, *facts[:3], live.versions, live.held_back
            ).tag
    except LedgerError as error:
        message = f"the portals are published, but their tag cannot be made: {error.message}"
        raise LedgerError(message, "see to that; the next publication makes up for it") from error
    tagged = live.model_copy(update={"tag": tag})
    with folder.explaining_failures("but the portals are published"):
        folder.write_journal(journal.with_live(tagged))
        folder.show(tagged)
    return tag


def roll_back(path: Path, tag: str | None, today: date) -> PublicationReport:
    """Let customers see an earlier edition again: the one before, or the one that ``tag`` names.

    What the ledger says now is not asked. A portal whose last day has passed stays closed.

    Raises:
        AlreadyPublishingError: somebody else is publishing there.
        LedgerError: there is no such edition any more, or it is damaged; nothing was changed.
    """
    folder = PublicationFolder(path)
    if not folder.is_ours:
        raise LedgerError(
            f"nothing was published into {path}", "name the folder that `portal publish` wrote to"
        )
    with folder.lock():
        journal = folder.read_journal()
        edition, shown = _choose_edition(journal, tag), journal.shown
        for slug, generation in sorted(edition.portals.items()):
            if not folder.is_whole(slug, generation):
                raise LedgerError(
                    f"the portal {generation.name} of {slug} is damaged, so nothing is changed",
                    "go back to another publication with --to",
                )
        customers = [
            _go_back(slug, generation, shown.get(slug), today)
            for slug, generation in sorted(edition.portals.items())
        ]
        gone = sorted(shown.keys() - edition.portals.keys())
        customers += [
            CustomerReport(slug, Effect.TAKEN_DOWN, reason="had none then") for slug in gone
        ]
        report = PublicationReport(
            str(folder.path), edition.commit, edition.as_of, edition.tag, customers
        )
        with putting_off_interrupts():
            folder.switch(edition.model_copy(update={"portals": report.portals}))
    return report


def _choose_edition(journal: Journal, tag: str | None) -> Edition:
    live = journal.live_edition
    if tag is None:
        found = None if live is None else journal.find(live.before)
    else:
        name = publications.TAG_PREFIX + tag.removeprefix(publications.TAG_PREFIX)
        found = next((each for each in journal.editions if each.tag == name), None)
    if found is not None:
        return found
    kept = [each.tag for each in journal.editions if each.tag is not None and each is not live]
    raise LedgerError(
        "there is no publication to go back to" if tag is None else f"{tag} is not kept any more",
        f"kept are: {', '.join(kept)}" if kept else "`portal build --rev TAG` makes it again",
    )


def _go_back(slug: str, then: Generation, shown: Generation | None, today: date) -> CustomerReport:
    """Return what becomes of a customer's portal that is to be what it was ``then``."""
    # What is shown now may know of a later last day.
    if then.is_over(today) and (shown is None or shown.is_over(today)):
        effect = Effect.NONE if shown is None else Effect.TAKEN_DOWN
        return CustomerReport(slug, effect, reason=f"closed after {then.last_day}")
    is_same = shown is not None and shown.name == then.name
    return CustomerReport(slug, Effect.UNCHANGED if is_same else Effect.PUBLISHED, then)
