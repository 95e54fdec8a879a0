"""The check of a whole ledger: every problem of every file, at once.

Customers are read one after the other, on all cores. Those whose files are as committed are taken
from the cache, if there is one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from ledger.cache import CheckCache, CustomerResult
from ledger.errors import MOST_IN_FILE, Problem, Severity, limit_problems
from ledger.files.layout import ORGANIZATION_PLACES
from ledger.files.reader import Organization
from ledger.ledger import Ledger
from ledger.rules.across_customers import collect_shared_facts
from ledger.rules.catalogue import check_organization, check_shared, check_unique_key, find_problems
from ledger.rules.context import RuleContext
from ledger.workers import run_on_all_cores

Progress = Callable[[int], AbstractContextManager[Callable[[str], None]]]

_CHUNK = 8
_FEW = 100
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found, sorted; ``standing_count`` warnings, older than it, are left out."""

    as_of: date
    file_count: int
    record_count: int
    problems: tuple[Problem, ...]
    standing_count: int = 0

    @property
    def error_count(self) -> int:
        """How many problems are errors."""
        return self._count(Severity.ERROR)

    @property
    def warning_count(self) -> int:
        """How many problems are warnings."""
        return self._count(Severity.WARNING)

    def _count(self, severity: Severity) -> int:
        return sum(each.count for each in self.problems if each.severity is severity)


def check_ledger(
    ledger: Ledger,
    as_of: date,
    customers: Sequence[str] = (),
    *,
    includes_future: bool = True,
    progress: Progress = lambda _count: nullcontext(lambda _name: None),
    jobs: int = 1,
    cache: CheckCache | None = None,
) -> CheckReport:
    """Check the whole ledger, or the organization's files and some customers, with some jobs.

    ``includes_future`` says whether records dated after ``as_of`` are a problem. ``progress`` is
    given the number of customers to read; what it opens is called after each with its name. A
    ``cache`` is only for a check of the whole ledger that includes the future.
    """
    known = {} if cache is None else cache.find(ledger, as_of)
    part, slugs = ledger, tuple(customers)
    if known:
        missing = [slug for slug in ledger.tree_ids if slug not in known]
        if len(missing) <= _FEW:
            part = ledger.select((*ORGANIZATION_PLACES, *missing))
        slugs = tuple(slug for slug in missing if slug in part.slugs)
    elif not slugs:
        slugs = ledger.slugs
    organization = part.organization  # Read before the forks begin.
    found: list[CustomerResult] = []
    check = partial(_check_customer, part, as_of, includes_future)
    with progress(len(slugs)) as advance:
        for result in run_on_all_cores(check, slugs, jobs, _CHUNK):
            found.append(result)
            advance(result.slug)
    if cache is not None and found:
        cache.add(ledger, as_of, found, part.problems)
    results = sorted((*found, *known.values()), key=lambda result: result.slug)
    return CheckReport(
        as_of,
        len(organization.files) + sum(result.file_count for result in results),
        organization.record_count + sum(result.record_count for result in results),
        sort_problems(
            [
                *find_organization_problems(organization),
                *part.problems,
                *(problem for result in results for problem in result.problems),
                *_find_key_problems(ledger, results),
                *check_organization(organization, "placeholder"),
                # Time is logged where the work tree has no logo, too.
                *(() if customers else check_organization(organization, "brand")),
                *check_shared(
                    {result.slug: result.shared for result in results},
                    partial(_make_context, ledger, as_of),
                ),
            ]
        ),
    )


def find_organization_problems(organization: Organization) -> Iterator[Problem]:
    """Yield what is wrong with the organization's files."""
    yield from organization.problems
    yield from check_organization(organization, "unique-id")


def find_problems_of(context: RuleContext) -> tuple[Problem, ...]:
    """Return what makes one customer's figures doubtful, sorted; the future does not."""
    return sort_problems(find_problems(context, includes_future=False))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file and line; of very many the first, and how many more there are."""
    limited = limit_problems(_limit_files(problems), _MOST, "in this ledger")
    return tuple(sorted(limited, key=lambda problem: problem.sort_key))


def _limit_files(problems: Iterable[Problem]) -> Iterator[Problem]:
    ranked = sorted(problems, key=lambda problem: problem.sort_key)
    for _file, found in groupby(ranked, key=lambda problem: problem.position.file):
        yield from limit_problems(found, MOST_IN_FILE, "in this file")


def _check_customer(
    ledger: Ledger, as_of: date, includes_future: bool, slug: str
) -> CustomerResult:
    context = _make_context(ledger, as_of, slug)
    folder = context.folder
    problems = tuple(_limit_files(find_problems(context, includes_future=includes_future)))
    key, count = folder.records.customer.key, folder.record_count
    shared = collect_shared_facts(context)
    return CustomerResult(slug, key, len(folder.files), count, problems, shared)


def _make_context(ledger: Ledger, as_of: date, slug: str) -> RuleContext:
    return RuleContext(ledger.organization, ledger.read_customer(slug), as_of)


def _find_key_problems(ledger: Ledger, results: Iterable[CustomerResult]) -> Iterator[Problem]:
    """Yield which customers have a key that is another one's; ``results`` are sorted by slug."""
    owners: dict[str, str] = {}
    for result in results:
        if result.key in owners:
            # Rare enough to read the folder once more for the place.
            yield from check_unique_key(ledger.read_customer(result.slug), owners)
        elif result.key:
            owners[result.key] = result.slug
