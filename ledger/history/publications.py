"""Weekly publications: annotated tags that say what was published, and can prove it.

A publication of the as-of date 2026-11-23 is the tag ``published/2026-11-23``; a second one of the
same date is ``published/2026-11-23.2``. The message has a title, an empty line, and lines of the
form ``key: value``::

    as-of: 2026-11-23
    previous: published/2026-11-16
    version: service-punchcards 0.1.0
    version: mkdocs-material 9.8.1
    digest: sha256:5d41...
    held-back: acme, globex
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain, count

from ledger.balance.draw_down import draw_down
from ledger.balance.json_values import statement_to_json, to_json
from ledger.balance.statement import select_period
from ledger.balance.summary import summarize_draw_down
from ledger.errors import LedgerError
from ledger.git import GitRepository
from ledger.ledger import Ledger
from ledger.text import format_canonical_json, natural_key

TAG_PREFIX = "published/"
STRANGE = "it was not made by this program; delete it or give it another name"

_TAG = re.compile(r"published/([0-9]{4}-[0-9]{2}-[0-9]{2})([.][1-9][0-9]*)?")
_MAKE_TAG = (
    *("-c", "i18n.commitEncoding=UTF-8", "tag", "--annotate", "--cleanup=verbatim"),
    *("--file=-", "--end-of-options"),
)


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published once: the tag's name and what the tag says."""

    tag: str
    commit: str
    as_of: date
    previous: str | None  # the tag of the publication before it
    digest: str
    versions: Mapping[str, str]  # of the software and the theme, by their distributions
    held_back: tuple[str, ...]  # the customers whose portal stayed


def make_publication(
    repository: GitRepository,
    commit: str,
    as_of: date,
    digest: str,
    versions: Mapping[str, str],
    held_back: Iterable[str] = (),
) -> Publication:
    """Record a publication as an annotated tag, signed where Git is set to sign, and return it.

    A LedgerError is raised if the tag cannot be made, as when Git does not know who makes it.
    """
    earlier, taken = read_publications(repository), _read_tags(repository)
    plain = f"{TAG_PREFIX}{as_of}"
    names = chain([plain], (f"{plain}.{number}" for number in count(2)))
    tag = next(name for name in names if name not in taken)
    previous = earlier[-1].tag if earlier else None
    made = Publication(tag, commit, as_of, previous, digest, dict(versions), tuple(held_back))
    message = _format_message(made).encode()
    repository.run(*_MAKE_TAG, tag, commit, stdin=message, runs_hooks=True)
    return made


def read_publications(repository: GitRepository) -> tuple[Publication, ...]:
    """Return the publications of a repository, oldest first."""
    found = (each for each in _read_tags(repository).values() if each is not None)
    return tuple(sorted(found, key=lambda item: (item.as_of, natural_key(item.tag))))


def list_strange_tags(repository: GitRepository) -> tuple[str, ...]:
    """Return tags, which anybody may push, that are called like a publication's and are none's."""
    return tuple(tag for tag, found in _read_tags(repository).items() if found is None)


def _read_tags(repository: GitRepository) -> dict[str, Publication | None]:
    """Return what each tag says that is called like a publication's; None if it is none's."""
    parts = ("*objecttype", "object", "refname:strip=2", "contents")
    format_ = "--format=" + "".join(f"%({part})%00" for part in parts)
    listed = repository.run("for-each-ref", format_, f"refs/tags/{TAG_PREFIX}")
    tokens = iter(listed.decode("utf-8", "replace").split("\0"))
    return {
        tag: _parse_tag(tag, commit, message) if kind.lstrip("\n") == "commit" else None
        for kind, commit, tag, message in zip(tokens, tokens, tokens, tokens, strict=False)
        if _TAG.fullmatch(tag)
    }


def find_publication(repository: GitRepository, name: str) -> Publication | None:
    """Return a publication by its tag, with or without ``published/``; LedgerError: a false one."""
    tag = TAG_PREFIX + name.removeprefix("refs/tags/").removeprefix(TAG_PREFIX)
    tags = _read_tags(repository)
    if tag in tags and tags[tag] is None:
        raise LedgerError(f"the tag {tag} does not say what a publication's tag should", STRANGE)
    return tags.get(tag)


def digest_figures(ledger: Ledger, as_of: date) -> str:
    """Return the digest of all balances and statements of a ledger on a date.

    It follows from the figures alone: not from the commit, nor from notes that nobody publishes.
    """
    terms, separator = ledger.organization.terms, b""
    # One customer after the other: there may be thousands.
    figures = hashlib.sha256(f'{{"as_of":"{as_of}","customers":['.encode())
    for folder in ledger.read_customers():
        drawn = draw_down(folder.records, terms, as_of)
        balance = to_json(summarize_draw_down(folder.records, terms, drawn))
        statement = statement_to_json(select_period(drawn, folder.slug), None)
        both = format_canonical_json({"balance": balance, "statement": statement})
        figures.update(separator + both)
        separator = b","
    figures.update(b"]}")
    return f"sha256:{figures.hexdigest()}"


def _format_message(publication: Publication) -> str:
    facts = [
        ("as-of", publication.as_of),
        ("previous", publication.previous),
        *(("version", f"{name} {version}") for name, version in publication.versions.items()),
        ("digest", publication.digest),
        ("held-back", ", ".join(publication.held_back)),
    ]
    lines = [f"{key}: {value}" for key, value in facts if value]
    return "\n".join([f"Published as of {publication.as_of}", "", *lines, ""])


def _parse_tag(tag: str, commit: str, message: str) -> Publication | None:
    lines = (line.partition(": ") for line in message.splitlines())
    said = [(key, value.strip()) for key, colon, value in lines if colon]
    first = dict(reversed(said))
    versions = dict(value.partition(" ")[::2] for key, value in said if key == "version")
    held_back = tuple(filter(None, first.get("held-back", "").split(", ")))
    if "digest" not in first or not versions:
        return None
    try:
        as_of = date.fromisoformat(first.get("as-of", ""))
    except ValueError:
        return None
    previous, digest = first.get("previous"), first["digest"]
    return Publication(tag, commit, as_of, previous, digest, versions, held_back)
