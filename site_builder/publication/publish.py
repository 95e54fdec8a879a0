"""A publication, from a commit to the portals that customers see.

Everything is made and checked aside first. What can fail, fails before the journal is written;
from then on there is nothing left to do but renames, and who is killed between two of them is
finished by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError, Problem
from ledger.git import FETCH_HINT, GitRepository
from ledger.history.publication import Publication, read_publications
from ledger.history.published_figures import digest_figures
from ledger.loader import Ledger
from site_builder.build import Outcome, PortalWork
from site_builder.publication.commit_look import check_out_look
from site_builder.publication.generation import Flusher, Generation, name_generation
from site_builder.publication.held_back import (
    Published,
    find_altered,
    find_double_key,
    find_errors,
    find_misplaced,
)
from site_builder.publication.journal import Edition, Journal
from site_builder.publication.parted_portals import take_parts
from site_builder.publication.portal_makers import Candidate, make_portals
from site_builder.publication.publication_folder import PublicationFolder
from site_builder.publication.publication_tag import record_edition, require_identity
from site_builder.publication.report import CustomerReport, Effect, PublicationReport
from site_builder.publication.switch import putting_off_interrupts, repair, switch
from site_builder.versions import list_versions

DEFAULT_KEPT = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be published, and how.

    Attributes:
        folder: where to.
        kept: how many editions to keep, the new one among them.
        is_recorded: whether to make a tag.
        since: compare with this commit instead of what was published last.
        parts: take the portals from here instead of building them.
        jobs: how many processes to use.
    """

    folder: Path
    as_of: date
    kept: int = DEFAULT_KEPT
    is_recorded: bool = True
    since: str | None = None
    parts: tuple[Path, ...] = ()
    jobs: int = 1


def publish(
    ledger: Ledger, order: Order, on_customer: Callable[[str], None] | None = None
) -> PublicationReport:
    """Publish the portals of a ledger at a commit.

    Args:
        ledger: opened at a revision; what is in the work tree is never published.
        order: what to publish, and how.
        on_customer: called after each customer with its name, to show progress.

    Raises:
        LedgerHasErrorsError: what all portals have in common has errors; nothing was changed.
        AlreadyPublishingError: somebody else is at it.
        LedgerError: it cannot be done; customers see what they saw before.
    """
    repository, commit = _require_commit(ledger)
    folder = PublicationFolder(order.folder.resolve())
    with folder.lock():
        journal, remarks = repair(folder), []
        if journal.live_edition is not None and journal.live_edition.lacks_tag:
            journal, remark = record_edition(folder, repository, journal)
            remarks.append(remark)
        earlier = _list_earlier(repository, journal, order)
        publication = _Publication(ledger, repository, commit, folder, journal, order)
        try:
            report = publication.run(earlier, on_customer or _show_nothing)
        except BaseException:
            with suppress(OSError, LedgerError):
                folder.clear(folder.read_journal())
            raise
    return replace(report, remarks=tuple(remarks))


class _Publication:
    """One publication into a folder that is locked and in order."""

    def __init__(
        self,
        ledger: Ledger,
        repository: GitRepository,
        commit: str,
        folder: PublicationFolder,
        journal: Journal,
        order: Order,
    ) -> None:
        self._ledger = ledger
        self._repository = repository
        self._commit = commit
        self._folder = folder
        self._journal = journal
        self._order = order
        self._shown = folder.list_shown()
        self._portals: dict[str, str] = {}
        self._flusher = Flusher()

    def run(
        self, earlier: Sequence[Published], on_customer: Callable[[str], None]
    ) -> PublicationReport:
        problems = self._find_problems(earlier)
        with self._folder.explaining_failures():
            customers = self._make_all(problems, on_customer)
        report = PublicationReport(
            str(self._folder.path), self._commit, self._order.as_of, None, tuple(customers)
        )
        if report.held_back and not any(map(report.count, _DONE)):
            return replace(report, is_done=False)
        edition = self._make_edition(report)
        live = self._journal.live_edition
        if live is not None and edition.repeats(live):
            return replace(report, tag=live.tag)
        with putting_off_interrupts():
            after = self._journal.with_live(edition)
            switch(self._folder, self._journal, after)
            if edition.is_recorded:
                after, _ = record_edition(self._folder, self._repository, after)
            self._clear(after.with_newest(self._order.kept))
        live = after.live_edition
        return replace(report, tag=None if live is None else live.tag)

    def _find_problems(self, earlier: Sequence[Published]) -> dict[str, list[Problem]]:
        ledger, order = self._ledger, self._order
        since = None if order.since is None else self._repository.resolve_commit(order.since)
        altered = find_altered(ledger, self._repository, earlier, order.as_of, since)
        found: dict[str, list[Problem]] = {}
        for problems in (find_misplaced(ledger), altered):
            for slug, of_customer in problems.items():
                found.setdefault(slug, []).extend(of_customer)
        return found

    def _make_all(
        self, problems: Mapping[str, Sequence[Problem]], on_customer: Callable[[str], None]
    ) -> list[CustomerReport]:
        """Make all generations and return what is to become of each portal."""
        self._folder.refuse_foreign_names(self._ledger.slugs)
        slugs = [slug for slug in self._ledger.slugs if slug not in problems]
        with self._check_out_look() as configuration, self._folder.stage() as staged:
            work = self._prepare_work(configuration, staged)
            made = self._make_or_take(work, slugs, staged, on_customer)
            _require_any(made)
            owners: dict[str, str] = {}
            reports = [
                self._hold_back(slug, problems[slug])
                if slug in problems
                else self._take(made[slug], staged, owners)
                for slug in self._ledger.slugs
            ]
        gone = sorted(self._shown.keys() - set(self._ledger.slugs))
        return reports + [_take_down(slug, "is no longer in the ledger") for slug in gone]

    def _make_or_take(
        self,
        work: PortalWork,
        slugs: Sequence[str],
        staged: Path,
        on_customer: Callable[[str], None],
    ) -> dict[str, Candidate]:
        order = self._order
        if order.parts:
            ledger, as_of = self._ledger, order.as_of
            return take_parts(order.parts, ledger, work, as_of, staged, on_customer)
        return make_portals(work, slugs, staged, order.jobs, on_customer)

    def _check_out_look(self) -> AbstractContextManager[Path]:
        prefix = self._ledger.files.prefix
        return check_out_look(self._repository, self._commit, prefix)

    def _prepare_work(self, configuration: Path, staged: Path) -> PortalWork:
        if self._ledger.organization.provider is None:
            raise LedgerError(
                "the ledger has no provider.yml, so the portals would not say whose they are",
                "add it: name, timezone, published_on, contacts, links",
            )
        return PortalWork(self._ledger, self._order.as_of, configuration, staged)

    def _take(self, made: Candidate, staged: Path, owners: dict[str, str]) -> CustomerReport:
        """Take what was made for a customer as a new generation, unless something is wrong."""
        outcome, as_of = made.outcome, self._order.as_of
        if made.failure:
            return self._hold_back(outcome.slug, (), f"the pages cannot be made: {made.failure}")
        if outcome.has_errors:
            return self._hold_back(outcome.slug, find_errors(self._ledger, outcome.slug, as_of))
        if outcome.key in owners:
            double = find_double_key(self._ledger, outcome.slug, as_of, owners)
            return self._hold_back(outcome.slug, double)
        owners[outcome.key] = outcome.slug
        if not outcome.has_portal:
            is_shown = outcome.slug in self._shown
            return (_take_down if is_shown else _leave_out)(outcome.slug, _say_why_none(outcome))
        return self._take_portal(made, staged / outcome.slug)

    def _take_portal(self, made: Candidate, folder: Path) -> CustomerReport:
        slug, as_of = made.outcome.slug, self._order.as_of
        generation = Generation(
            name=name_generation(self._journal.next_number, made.files),
            as_of=as_of,
            revision=self._commit,
            policy=made.outcome.policy,
            last_day=made.outcome.last_day,
            files=made.files,
        )
        shown = self._read_shown(slug)
        is_same = shown is not None and generation.shows_the_same(shown)
        if shown is not None and is_same and not self._folder.find_damage(slug, shown.name):
            self._portals[slug] = shown.name
            return CustomerReport(slug, Effect.UNCHANGED, as_of)
        self._folder.keep(slug, folder, generation, self._flusher)
        self._portals[slug] = generation.name
        return CustomerReport(slug, Effect.PUBLISHED, as_of)

    def _hold_back(
        self, slug: str, problems: Sequence[Problem], reason: str = ""
    ) -> CustomerReport:
        """Leave a customer's portal as it is."""
        if slug in self._shown:
            self._portals[slug] = self._shown[slug]
        shown = self._read_shown(slug)
        if problems:
            count = len(problems)
            reason = f"the data has {count} error{'' if count == 1 else 's'}"
        as_of = None if shown is None else shown.as_of
        return CustomerReport(slug, Effect.HELD_BACK, as_of, reason, tuple(problems))

    def _read_shown(self, slug: str) -> Generation | None:
        name = self._shown.get(slug)
        return None if name is None else self._folder.read_generation(slug, name)

    def _make_edition(self, report: PublicationReport) -> Edition:
        return Edition(
            number=self._journal.next_number,
            before=self._journal.live,
            commit=self._commit,
            as_of=self._order.as_of,
            digest=digest_figures(self._ledger, self._order.as_of),
            is_recorded=self._order.is_recorded,
            versions=list_versions(),
            held_back=tuple(each.slug for each in report.held_back),
            portals=self._portals,
        )

    def _clear(self, journal: Journal) -> None:
        with self._folder.explaining_failures("but the portals are published"):
            self._folder.write_journal(journal)
            self._folder.clear(journal)


_DONE = (Effect.PUBLISHED, Effect.UNCHANGED, Effect.TAKEN_DOWN)


def _require_commit(ledger: Ledger) -> tuple[GitRepository, str]:
    repository, commit = ledger.repository, ledger.revision
    if repository is None or commit is None:
        raise LedgerError(
            "only a commit can be published", "name it with --rev; without, it is HEAD"
        )
    return repository, commit


def _list_earlier(repository: GitRepository, journal: Journal, order: Order) -> Sequence[Published]:
    """Return what was published before, oldest first, and refuse to go back behind it.

    Raises:
        LedgerError: the as-of date is before that of the last one, or nobody knows.
    """
    live = journal.live_edition
    tags: tuple[Publication, ...] = ()
    if order.is_recorded:
        require_identity(repository)
        tags = _read_tags(repository, live)
    _refuse_earlier_day(order.as_of, [*tags, *([live] if live else [])])
    return tags if order.is_recorded else journal.editions


def _read_tags(repository: GitRepository, live: Edition | None) -> tuple[Publication, ...]:
    if repository.is_shallow():
        raise LedgerError(
            "this clone is too shallow to compare with what was published before", FETCH_HINT
        )
    tags = read_publications(repository)
    if live is not None and live.tag is not None and live.tag not in {tag.tag for tag in tags}:
        raise LedgerError(
            f"what is published is recorded as {live.tag}, which this repository does not have",
            "bring the tags of publications: `git fetch --tags`",
        )
    return tags


def _refuse_earlier_day(as_of: date, earlier: Sequence[Publication | Edition]) -> None:
    last = max(earlier, key=lambda each: each.as_of, default=None)
    if last is not None and as_of < last.as_of:
        raise LedgerError(
            f"{as_of} is before {last.as_of}, the day of the last publication",
            f"publish as of {last.as_of} or later; `punchcard portal rollback` goes back",
        )


def _require_any(made: Mapping[str, Candidate]) -> None:
    """See that not all portals fail alike: then it is no single customer's affair."""
    failures = [candidate.failure for candidate in made.values() if candidate.failure]
    has_any = any(candidate.files for candidate in made.values())
    if len(failures) > 1 and len(set(failures)) == 1 and not has_any:
        raise LedgerError(f"no portal can be made: {failures[0]}")


def _say_why_none(outcome: Outcome) -> str:
    if outcome.state == "closed":
        return f"closed after {outcome.last_day}"
    return "has no purchase and no other service"


def _take_down(slug: str, reason: str) -> CustomerReport:
    return CustomerReport(slug, Effect.TAKEN_DOWN, None, reason)


def _leave_out(slug: str, reason: str) -> CustomerReport:
    return CustomerReport(slug, Effect.NONE, None, reason)


def _show_nothing(_slug: str) -> None:
    pass
