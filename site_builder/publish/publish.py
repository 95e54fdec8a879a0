"""A publication, from a commit to the portals that customers see.

Everything is made and checked aside first. What can fail, fails before the journal is written;
from then on there is nothing left to do but renames, and who is killed between two of them is
finished by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError, Problem
from ledger.git import FETCH_HINT, GitRepository
from ledger.history.publications import digest_figures, make_publication, read_publications
from ledger.ledger import Ledger
from site_builder.build import PortalWork, say_why_no_portal
from site_builder.fingerprint import list_versions
from site_builder.publish.editions import Edition, Generation, Journal, name_generation
from site_builder.publish.folder import PublicationFolder, putting_off_interrupts
from site_builder.publish.held_back import (
    Published,
    find_double_key,
    find_errors,
    find_problems,
)
from site_builder.publish.portals import Candidate, check_out_look, make_portals, take_parts
from site_builder.publish.report import CustomerReport, Effect, PublicationReport


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be published, and how.

    Attributes:
        folder: where to.
        kept: how many editions to keep, the new one among them.
        is_recorded: whether to make a tag.
        since: compare with this commit instead of what was published last.
        parts: take the portals from these folders instead of building them.
        jobs: how many processes to use.
    """

    folder: Path
    as_of: date
    kept: int = 3
    is_recorded: bool = True
    since: str | None = None
    parts: tuple[Path, ...] = ()
    jobs: int = 1


def publish(
    ledger: Ledger, order: Order, on_customer: Callable[[str], None] = lambda _slug: None
) -> PublicationReport:
    """Publish the portals of a ledger that was opened at a commit; never the work tree's.

    ``on_customer`` is called after each customer with its name, to show progress.

    Raises:
        LedgerHasErrorsError: what all portals have in common has errors; nothing was changed.
        AlreadyPublishingError: somebody else is at it.
        LedgerError: it cannot be done; customers see what they saw before.
    """
    repository, commit = ledger.repository, ledger.revision
    if repository is None or commit is None:
        raise LedgerError(
            "only a commit can be published", "name it with --rev; without, it is HEAD"
        )
    folder = PublicationFolder(order.folder.resolve())
    with folder.lock():
        journal, remarks = folder.repair(), []
        live = journal.live_edition
        if live is not None and live.is_recorded and live.tag is None:
            journal, tag = _record(folder, repository, journal, live)
            remarks.append(f"{tag}, which was cut short, is complete now")
        earlier = _list_earlier(repository, journal, order)
        shown = folder.list_shown()
        publication = _Publication(ledger, repository, commit, folder, journal, order, shown)
        try:
            report = publication.run(earlier, on_customer)
        except BaseException:
            with suppress(OSError, LedgerError):
                folder.clear(folder.read_journal())
            raise
    return replace(report, remarks=tuple(remarks))


@dataclass(slots=True)
class _Publication:
    """One publication into a folder that is locked and in order.

    ``shown`` is the name of the generation of each customer that is seen now.
    """

    ledger: Ledger
    repository: GitRepository
    commit: str
    folder: PublicationFolder
    journal: Journal
    order: Order
    shown: Mapping[str, str]

    def run(
        self, earlier: Sequence[Published], on_customer: Callable[[str], None]
    ) -> PublicationReport:
        order, folder, ledger = self.order, self.folder, self.ledger
        since = None if order.since is None else self.repository.resolve_commit(order.since)
        problems = find_problems(ledger, self.repository, earlier, order.as_of, since)
        with folder.explaining_failures():
            customers = self._make_all(problems, on_customer)
        report = PublicationReport(
            str(folder.path), self.commit, order.as_of, None, tuple(customers)
        )
        if {each.effect for each in customers} - {Effect.NONE} == {Effect.HELD_BACK}:
            return replace(report, is_done=False)
        edition = Edition(
            number=self.journal.next_number,
            before=self.journal.live,
            commit=self.commit,
            as_of=order.as_of,
            digest=digest_figures(ledger, order.as_of),
            is_recorded=order.is_recorded,
            tag=None,
            versions=list_versions(),
            held_back=report.held_back,
            portals={each.slug: each.generation for each in customers if each.generation},
        )
        live = self.journal.live_edition
        if live is not None and edition.repeats(live):
            return replace(report, tag=live.tag)
        with putting_off_interrupts():
            after, tag = self.journal.with_live(edition), None
            folder.switch(self.journal, after)
            if edition.is_recorded:
                after, tag = _record(folder, self.repository, after, edition)
            with folder.explaining_failures("but the portals are published"):
                folder.write_journal(after.with_newest(order.kept))
                folder.clear(after.with_newest(order.kept))
        return replace(report, tag=tag)

    def _make_all(
        self, problems: Mapping[str, Sequence[Problem]], on_customer: Callable[[str], None]
    ) -> list[CustomerReport]:
        """Make all generations and return what is to become of each portal."""
        ledger, order = self.ledger, self.order
        self.folder.refuse_foreign_names(ledger.slugs)
        look = check_out_look(self.repository, self.commit, ledger.files.prefix)
        with look as configuration, self.folder.stage() as staged:
            if ledger.organization.provider is None:
                raise LedgerError(
                    "the ledger has no provider.yml, so the portals would not say whose they are",
                    "add it: name, timezone, published_on, contacts, links",
                )
            work = PortalWork(ledger, order.as_of, configuration, staged)
            if order.parts:
                made = take_parts(order.parts, ledger, work, order.as_of, staged, on_customer)
            else:
                slugs = [slug for slug in ledger.slugs if slug not in problems]
                made = make_portals(work, slugs, staged, order.jobs, on_customer)
            owners: dict[str, str] = {}
            reports = [
                self._hold_back(slug, problems[slug])
                if slug in problems
                else self._take(made[slug], staged, owners)
                for slug in ledger.slugs
            ]
        gone = sorted(self.shown.keys() - set(ledger.slugs))
        reason = "is no longer in the ledger"
        return reports + [CustomerReport(slug, Effect.TAKEN_DOWN, reason=reason) for slug in gone]

    def _take(self, made: Candidate, staged: Path, owners: dict[str, str]) -> CustomerReport:
        """Take what was made for a customer as a new generation, unless something is wrong.

        ``owners`` are the customers taken before, by the prefix of their requests.
        """
        outcome, as_of = made.outcome, self.order.as_of
        slug = outcome.slug
        if made.failure:
            return self._hold_back(slug, (), f"the pages cannot be made: {made.failure}")
        if outcome.has_errors:
            return self._hold_back(slug, find_errors(self.ledger, slug, as_of))
        if outcome.key in owners:
            return self._hold_back(slug, find_double_key(self.ledger, slug, owners))
        owners[outcome.key] = slug
        if not outcome.has_portal:
            effect = Effect.TAKEN_DOWN if slug in self.shown else Effect.NONE
            reason = say_why_no_portal(outcome.state, outcome.last_day)
            return CustomerReport(slug, effect, reason=reason)
        generation = Generation(
            name=name_generation(self.journal.next_number, made.files),
            as_of=as_of.isoformat(),
            content_security_policy=outcome.policy,
            files=made.files,
            last_day=None if outcome.last_day is None else outcome.last_day.isoformat(),
            revision=self.commit,
        )
        shown = self.folder.read_generation(slug, self.shown.get(slug))
        is_same = shown is not None and replace(generation, name=shown.name) == shown
        if shown is not None and is_same and not self.folder.find_damage(slug, shown.name):
            return CustomerReport(slug, Effect.UNCHANGED, shown.name, shown.as_of)
        self.folder.keep(slug, staged / slug, generation)
        return CustomerReport(slug, Effect.PUBLISHED, generation.name, generation.as_of)

    def _hold_back(
        self, slug: str, problems: Sequence[Problem], reason: str = ""
    ) -> CustomerReport:
        """Leave a customer's portal as it is."""
        name = self.shown.get(slug)
        shown = self.folder.read_generation(slug, name)
        if problems:
            reason = f"the data has {len(problems)} error{'' if len(problems) == 1 else 's'}"
        as_of = None if shown is None else shown.as_of
        return CustomerReport(slug, Effect.HELD_BACK, name, as_of, reason, tuple(problems))


def _list_earlier(repository: GitRepository, journal: Journal, order: Order) -> Sequence[Published]:
    """Return what was published before, oldest first: by the tags, or without by the journal."""
    live = journal.live_edition
    tags: Sequence[Published] = ()
    if order.is_recorded:
        try:  # before there is a tag to be made
            repository.run("var", "GIT_COMMITTER_IDENT")
        except LedgerError as error:
            raise LedgerError(
                "Git does not know who makes the publication's tag",
                "git config user.name NAME; git config user.email ADDRESS",
            ) from error
        if repository.is_shallow():
            raise LedgerError(
                "this clone is too shallow to compare with what was published before", FETCH_HINT
            )
        tags = read_publications(repository)
        if live is not None and live.tag not in {None, *(each.tag for each in tags)}:
            raise LedgerError(
                f"what is published is recorded as {live.tag}, which this repository does not have",
                "bring the tags of publications: `git fetch --tags`",
            )
    last_day = max((each.as_of for each in (*tags, *([live] if live else []))), default=None)
    if last_day is not None and order.as_of < last_day:
        raise LedgerError(
            f"{order.as_of} is before {last_day}, the day of the last publication",
            f"publish as of {last_day} or later; `punchcard portal rollback` goes back",
        )
    return tags if order.is_recorded else journal.editions


def _record(
    folder: PublicationFolder, repository: GitRepository, journal: Journal, live: Edition
) -> tuple[Journal, str]:
    """Make the tag of the live edition; return the journal, and the tag.

    It may have been made just before its publication was killed. If it cannot be made, the edition
    stays live, and the next publication tries.
    """
    taken = {each.tag for each in journal.editions}
    facts = (live.commit, live.as_of, live.digest, live.held_back)
    try:
        for each in read_publications(repository):
            made = (each.commit, each.as_of, each.digest, each.held_back)
            if made == facts and each.tag not in taken:
                tag = each.tag
                break
        else:
            versions, held_back = live.versions, live.held_back
            tag = make_publication(repository, *facts[:3], versions, held_back).tag
    except LedgerError as error:
        raise LedgerError(
            f"the portals are published, but their tag cannot be made: {error.message}",
            "see to that; the next publication makes up for it",
        ) from error
    after = journal.with_live(live.model_copy(update={"tag": tag}))
    with folder.explaining_failures("but the portals are published"):
        folder.write_journal(after)
        folder.show_live(after)
    return after, tag
