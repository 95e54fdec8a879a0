"""The tag of an edition: made last, and made up for if it could not be made then."""

from __future__ import annotations

from dataclasses import replace

from ledger.errors import LedgerError
from ledger.git import GitRepository
from ledger.history.publication import Publication, make_publication, read_publications
from site_builder.publication.journal import Edition, Journal
from site_builder.publication.publication_folder import PublicationFolder
from site_builder.publication.switch import show_live


def require_identity(repository: GitRepository) -> None:
    """See that Git knows who makes tags, before there is one to be made.

    Raises:
        LedgerError: it does not.
    """
    try:
        repository.run("var", "GIT_COMMITTER_IDENT")
    except LedgerError as error:
        raise LedgerError(
            "Git does not know who makes the publication's tag",
            "git config user.name NAME; git config user.email ADDRESS",
        ) from error


def record_edition(
    folder: PublicationFolder, repository: GitRepository, journal: Journal
) -> tuple[Journal, str]:
    """Make the tag of the live edition, unless there is one; return the journal, and a remark.

    Raises:
        LedgerError: it cannot be made; the edition stays live, and the next publication tries.
    """
    live = journal.live_edition
    if live is None:
        raise RuntimeError("something is live that is to have a tag")
    try:
        publication = _find_tag(repository, journal, live) or make_publication(
            repository, live.commit, live.as_of, live.digest, live.versions, live.held_back
        )
    except LedgerError as error:
        raise LedgerError(
            f"the portals are published, but their tag cannot be made: {error.message}",
            "see to that; the next publication makes up for it",
        ) from error
    after = journal.with_live(replace(live, tag=publication.tag))
    with folder.explaining_failures("but the portals are published"):
        folder.write_journal(after)
        show_live(folder, after)
    return after, f"{publication.tag}, which was cut short, is complete now"


def _find_tag(repository: GitRepository, journal: Journal, edition: Edition) -> Publication | None:
    """Return the tag of an edition that was made just before its publication was killed."""
    taken = {each.tag for each in journal.editions}
    for publication in read_publications(repository):
        is_same = (publication.commit, publication.as_of, publication.digest) == (
            edition.commit,
            edition.as_of,
            edition.digest,
        )
        if is_same and publication.tag not in taken and publication.held_back == edition.held_back:
            return publication
    return None
