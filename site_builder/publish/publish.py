"""A publication, from a commit to the portals that customers see; and going back to one.

Everything is made and checked aside first. What can fail, fails before the journal is written;
from then on there is nothing left to do but renames, and who is killed between two of them is
finished by the next one.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True)
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
    repository: GitRepository = field(init=False)
    commit: str = field(init=False)
    journal: Journal = field(init=False)  # as it was before

    def run(self) -> PublicationReport:
        """Publish.

        Raises:
            LedgerHasErrorsError: what all portals have in common has errors; nothing was changed.
            AlreadyPublishingError: somebody else is at it.
            LedgerError: it cannot be done; customers see what they saw before.
        """
        if self.ledger.repository is None or self.ledger.revision is None:
            hint = "name it with --rev; without, it is HEAD"
            raise LedgerError("only a commit can be published", hint)
        self.repository, self.commit = self.ledger.repository, self.ledger.revision
        with self.folder.lock():
            live, remarks = self.folder.repair().live_edition, []
            if live is not None and live.is_recorded and live.tag is None:
                remarks.append(f"{self._record(live)}, which was cut short, is complete now")
            for tag in publications.list_strange_tags(self.repository):
                remarks.append(f"the tag {tag} counts for nothing: {publications.STRANGE}")
            self.journal = self.folder.read_journal()
            try:
                report = self._publish()
            except BaseException:
                with suppress(OSError, LedgerError):
                    self.folder.clear(self.folder.read_journal())
                raise
        return replace(report, remarks=tuple(remarks))

    def _publish(self) -> PublicationReport:
        """Publish into the folder, which is locked and in order."""
        folder, live, earlier = self.folder, self.journal.live_edition, self._list_earlier()
        since = None if self.since is None else self.repository.resolve_commit(self.since)
        problems = portals.find_problems(self.ledger, self.repository, earlier, self.as_of, since)
        with folder.explaining_failures():
            customers = self._make_all(problems)
        report = PublicationReport(str(folder.path), self.commit, self.as_of, None, customers)
        if not report.is_done:
            return report
        edition = Edition(
            number=self.journal.next_number,
            before=self.journal.live,
            commit=self.commit,
            as_of=self.as_of,
            digest=publications.digest_figures(self.ledger, self.as_of),
            is_recorded=self.is_recorded,
            tag=None,
            versions=list_versions(),
            held_back=report.held_back,
            portals=report.portals,
        )
        with putting_off_interrupts():
            if live is not None and edition.repeats(live):
                tag = live.tag
            else:
                folder.switch(edition)
                tag = self._record(edition) if edition.is_recorded else None
            folder.prune(self.kept)
        return replace(report, tag=tag)

    def _list_earlier(self) -> Sequence[portals.Published]:
        """Return what was published before, oldest first: by the tags, or else by the journal."""
        live, repository = self.journal.live_edition, self.repository
        tags: Sequence[portals.Published] = ()
        if self.is_recorded:
            try:  # before there is a tag to be made
                repository.run("var", "GIT_COMMITTER_IDENT")
            except LedgerError as error:
                message = "Git does not know who makes the publication's tag"
                hint = "git config user.name NAME; git config user.email ADDRESS"
                raise LedgerError(message, hint) from error
            if repository.is_shallow():
                message = "this clone is too shallow to compare with what was published before"
                raise LedgerError(message, FETCH_HINT)
            tags = publications.read_publications(repository)
            if live is not None and live.tag not in {None, *(each.tag for each in tags)}:
                where = f"recorded as {live.tag}, which this repository does not have"
                hint = "bring the tags of publications: `git fetch --tags`"
                raise LedgerError(f"what is published is {where}", hint)
        last_day = max((each.as_of for each in (*tags, *([live] if live else []))), default=None)
        if last_day is not None and self.as_of < last_day:
            raise LedgerError(
                f"{self.as_of} is before {last_day}, the day of the last publication",
                f"publish as of {last_day} or later; `punchcard portal rollback` goes back",
            )
        if self.is_by_clock:
            refuse_jump(self.as_of, last_day, "the day of the last publication")
        return tags if self.is_recorded else self.journal.editions

    def _make_all(self, problems: Mapping[str, Sequence[Problem]]) -> Sequence[CustomerReport]:
        """Make all generations and return what is to become of each portal."""
        ledger, folder, shown = self.ledger, self.folder, self.journal.shown
        folder.refuse_foreign_names(ledger.slugs)
        if ledger.organization.provider is None:
            message = "the ledger has no provider.yml, so the portals would not say whose they are"
            raise LedgerError(message, "add it: name, timezone, published_on, contacts, links")
        with tempfile.TemporaryDirectory(
            prefix=".making-", dir=folder.store, ignore_cleanup_errors=True
        ) as aside:
            staged, prefix = Path(aside, "portals"), ledger.files.prefix
            look = portals.check_out_look(self.repository, self.commit, prefix, Path(aside, "look"))
            work = PortalWork(ledger, self.as_of, look, staged)
            wanted = self.only or {*ledger.slugs}
            if self.parts:
                outcomes = portals.take_parts(self.parts, ledger, work, self.as_of, staged)
            else:
                todo = [slug for slug in ledger.slugs if slug in wanted and slug not in problems]
                outcomes = portals.make_portals(work, todo, self.jobs)
            made: dict[str, Outcome] = {}
            for each in outcomes:
                made[each.slug] = each
                self.on_customer(each.slug)
            owners: dict[str, str] = {}
            reports = []
            for slug in ledger.slugs:
                if slug not in wanted:
                    report = _leave(slug, shown.get(slug))
                elif slug in problems:
                    report = _hold_back(slug, shown.get(slug), problems[slug])
                else:
                    report = self._judge(made[slug], owners)
                if report.effect is Effect.PUBLISHED and report.generation is not None:
                    folder.keep(slug, report.generation, staged / slug)
                reports.append(report)
        for slug in sorted(shown.keys() - {*ledger.slugs}):
            gone = CustomerReport(slug, Effect.TAKEN_DOWN, reason="is no longer in the ledger")
            reports.append(_leave(slug, shown[slug]) if self.only else gone)
        return reports

    def _judge(self, outcome: Outcome, owners: dict[str, str]) -> CustomerReport:
        """Return what becomes of what was made; ``owners`` of keys, which get this one's."""
        ledger, slug, shown = self.ledger, outcome.slug, self.journal.shown.get(outcome.slug)
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
            name=f"{self.journal.next_number:06d}-{outcome.files[:12]}",
            as_of=self.as_of.isoformat(),
            revision=self.commit,
            content_security_policy=outcome.policy,
            files=outcome.files,
            last_day=outcome.last_day,
        )
        is_same = shown and shown == new.model_copy(update={"name": shown.name})
        if shown and is_same and self.folder.is_whole(slug, shown):
            return CustomerReport(slug, Effect.UNCHANGED, shown)
        return CustomerReport(slug, Effect.PUBLISHED, new)

    def _record(self, live: Edition) -> str:
        """Make the tag of the live edition and return it.

        It may have been made just before its publication was killed. If it cannot be made, the
        edition stays live, and the next publication tries.
        """
        journal = self.folder.read_journal()
        taken = {each.tag for each in journal.editions}
        facts = (live.commit, live.as_of, live.digest)
        try:
            for each in publications.read_publications(self.repository):
                is_ours = (each.commit, each.as_of, each.digest) == facts
                if is_ours and each.held_back == live.held_back and each.tag not in taken:
                    tag = each.tag
                    break
            else:
                how = (*facts, live.versions, live.held_back)
                tag = publications.make_publication(self.repository, *how).tag
        except LedgerError as error:
            message = f"the portals are published, but their tag cannot be made: {error.message}"
            hint = "see to that; the next publication makes up for it"
            raise LedgerError(message, hint) from error
        tagged = live.model_copy(update={"tag": tag})
        with self.folder.explaining_failures("but the portals are published"):
            self.folder.write_journal(journal.with_live(tagged))
            self.folder.show(tagged)
        return tag


def _leave(slug: str, shown: Generation | None) -> CustomerReport:
    return CustomerReport(slug, Effect.UNCHANGED if shown else Effect.NONE, shown)


def _hold_back(
    slug: str, shown: Generation | None, problems: Sequence[Problem], reason: str = ""
) -> CustomerReport:
    """Leave a customer's portal as it is."""
    reason = reason or f"the data has {len(problems)} error{'' if len(problems) == 1 else 's'}"
    return CustomerReport(slug, Effect.HELD_BACK, shown, reason, tuple(problems))


def roll_back(path: Path, tag: str | None, today: date) -> PublicationReport:
    """Let customers see an earlier edition again: the one before, or the one that ``tag`` names.

    What the ledger says now is not asked. A portal whose last day has passed stays closed.

    Raises:
        AlreadyPublishingError: somebody else is publishing there.
        LedgerError: there is no such edition any more, or it is damaged; nothing was changed.
    """
    folder = PublicationFolder(path)
    if not folder.is_ours:
        hint = "name the folder that `portal publish` wrote to"
        raise LedgerError(f"nothing was published into {path}", hint)
    with folder.lock():
        journal = folder.read_journal()
        edition, shown = _choose_edition(journal, tag), journal.shown
        then = sorted(edition.portals.items())
        for slug, generation in then:
            if not folder.is_whole(slug, generation):
                message = (
                    f"the portal {generation.name} of {slug} is damaged, so nothing is changed"
                )
                raise LedgerError(message, "go back to another publication with --to")
        customers = [_go_back(slug, made, shown.get(slug), today) for slug, made in then]
        customers += [
            CustomerReport(slug, Effect.TAKEN_DOWN, reason="had none then")
            for slug in sorted(shown.keys() - edition.portals.keys())
        ]
        facts = (edition.commit, edition.as_of, edition.tag)
        report = PublicationReport(str(folder.path), *facts, customers)
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
