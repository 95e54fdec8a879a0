"""``portal publish``: what is published, what is held back, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git, write_files
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    LOOK,
    SECOND_WEEK,
    PublishedLedger,
    read_message,
    read_portal,
)


def test_each_portal_is_a_link_to_a_whole_generation(published: PublishedLedger) -> None:
    assert [place.name for place in published.list_portals()] == ["first", "second"]
    published.require_whole()
    published.require_tidy()
    assert b"Zephyrine" in published.read("first")["index.html"]
    answer = json.loads(published.ran.stdout)
    assert answer["tag"] == f"published/{FIRST_WEEK}"
    assert answer["commit"] == published.git("rev-parse", "HEAD")
    assert [each["effect"] for each in answer["customers"]] == ["published", "published"]


def test_what_is_served_is_what_a_build_of_the_same_commit_makes(
    published: PublishedLedger, elsewhere: Path, punchcard: RunPunchcard
) -> None:
    output = elsewhere / "site"
    line = ("portal", "build", "--output", output, "--rev", "HEAD", "--as-of", FIRST_WEEK)
    assert punchcard(published.root, *line, "--no-cache").status == 0
    for slug in ("first", "second"):
        assert published.read(slug) == read_portal(output / slug)


def test_the_work_tree_is_never_published_and_the_command_says_so(ledger: PublishedLedger) -> None:
    ledger.log("first", "Not committed yet")
    ran = ledger.publish(FIRST_WEEK)
    assert ran.status == 0
    assert "changes that are not committed: they are not published" in ran.stderr
    assert not any(b"Not committed yet" in content for content in ledger.read("first").values())
    ledger.commit()
    assert "not committed" not in ledger.publish(SECOND_WEEK).stderr
    assert any(b"Not committed yet" in content for content in ledger.read("first").values())


def test_the_look_is_that_of_the_commit_not_of_the_work_tree(ledger: PublishedLedger) -> None:
    settings = LOOK + "  - punchcard: {texts: texts}\n"
    write_files(ledger.root, {"mkdocs.yml": settings, "look/mark.txt": "committed"})
    write_files(ledger.root, {"texts/en.toml": '[overview]\ntitle = "Committed title"\n'})
    ledger.commit()
    write_files(ledger.root, {"texts/en.toml": '[overview]\ntitle = "Draft title"\n'})
    (ledger.root / "look/mark.txt").unlink()
    ran = ledger.publish(FIRST_WEEK)
    assert ran.status == 0, ran.stderr
    portal = ledger.read("first")
    assert portal["mark.txt"] == b"committed"
    assert b"Committed title" in portal["index.html"]
    assert b"Draft title" not in portal["index.html"]


def test_a_revision_is_published_from_a_bare_repository(
    ledger: PublishedLedger, elsewhere: Path, punchcard: RunPunchcard
) -> None:
    git(elsewhere, "clone", "--quiet", "--bare", str(ledger.root), "ledger.git")
    line = ("portal", "publish", "--to", elsewhere / "published", "--as-of", FIRST_WEEK)
    ran = punchcard(elsewhere / "ledger.git", *line, "--rev", "main")
    assert ran.status == 0, ran.stderr
    assert (elsewhere / "published" / "first" / "index.html").is_file()


def test_the_same_once_more_changes_nothing_and_makes_no_second_tag(
    published: PublishedLedger,
) -> None:
    links = [place.readlink() for place in published.list_portals()]
    assert published.find_effects(FIRST_WEEK)["first"] == ("unchanged", FIRST_WEEK)
    assert json.loads(published.ran.stdout)["tag"] == f"published/{FIRST_WEEK}"
    assert links == [place.readlink() for place in published.list_portals()]
    assert published.tags == [f"published/{FIRST_WEEK}"]


def test_a_second_publication_of_a_day_has_a_number(published: PublishedLedger) -> None:
    published.change("Forgotten in the morning")
    assert published.publish(FIRST_WEEK).status == 0
    assert published.tags == [f"published/{FIRST_WEEK}", f"published/{FIRST_WEEK}.2"]
    message = read_message(published, f"published/{FIRST_WEEK}.2")
    assert f"previous: published/{FIRST_WEEK}\n" in message
    assert "version: service-punchcards " in message
    assert "version: mkdocs-material " in message
    assert "held-back" not in message


def test_a_damaged_portal_is_made_anew(published: PublishedLedger) -> None:
    page = published.folder / "first" / "index.html"
    page.write_bytes(page.read_bytes() + b"<script>")
    assert published.find_effects(FIRST_WEEK)["first"] == ("published", FIRST_WEEK)
    published.require_whole()
    published.require_tidy()


def test_a_customer_who_is_gone_from_the_ledger_is_taken_down(published: PublishedLedger) -> None:
    published.git("rm", "-r", "--quiet", "customers/second")
    published.commit()
    assert published.find_effects(SECOND_WEEK)["second"] == ("taken-down", None)
    assert "is no longer in the ledger" in published.ran.stdout
    assert [place.name for place in published.list_portals()] == ["first"]
    published.require_tidy()


def test_a_day_before_the_last_publication_is_refused(published: PublishedLedger) -> None:
    published.refuse("2026-11-15", said=f"2026-11-15 is before {FIRST_WEEK}")
    assert f"publish as of {FIRST_WEEK} or later" in published.ran.stderr


def test_a_tag_that_is_none_of_a_publication_stops_nothing(published: PublishedLedger) -> None:
    published.git("tag", "--message=By hand", "published/2027-12-31")
    published.find_effects(SECOND_WEEK)
    assert "the tag published/2027-12-31 counts for nothing" in published.ran.stderr
    assert f"published/{SECOND_WEEK}" in published.tags


def test_a_commit_is_published_whole_whatever_git_hides_of_it(published: PublishedLedger) -> None:
    """Of a file in the work tree, too, that is said to be unchanged and is not."""
    hidden = "customers/second/purchases.yml"
    published.git("update-index", "--assume-unchanged", hidden)
    published.replace("second/purchases.yml", "punchcards: 2", "punchcards: 9")
    published.git("sparse-checkout", "set", "customers/second")
    assert published.find_effects(SECOND_WEEK)["first"] == ("published", SECOND_WEEK)
    revision = json.loads(published.read("second")["statement.json"])["revision"]
    assert revision == published.git("rev-parse", "HEAD")
    assert b": 2700" not in published.read("second")["statement.json"]


def test_a_clock_that_jumped_ahead_takes_no_portal_down(ledger: PublishedLedger) -> None:
    assert ledger.publish("2020-01-06").status == 0
    ledger.refuse("", said="days after 2020-01-06, the day of the last publication: is the")


def test_a_folder_of_its_own_is_judged_by_tags_too(
    published: PublishedLedger, elsewhere: Path
) -> None:
    """As on a machine of CI, which has no folder of last week."""
    published.folder = elsewhere / "new"
    published.refuse("2026-11-15", said=f"is before {FIRST_WEEK}")
    published.find_effects("2026-11-15", "--to", elsewhere / "rehearsal", "--no-tag")
    assert published.tags == [f"published/{FIRST_WEEK}"]


def test_somebody_elses_folder_is_left_alone(ledger: PublishedLedger, elsewhere: Path) -> None:
    write_files(elsewhere, {"thesis.txt": "years of work"})
    ledger.folder = elsewhere
    ledger.refuse(FIRST_WEEK, said="neither empty nor a folder of published portals")
    assert [entry.name for entry in elsewhere.iterdir()] == ["thesis.txt"]


def test_what_we_did_not_put_at_a_portals_place_is_left_alone(published: PublishedLedger) -> None:
    (published.folder / "first").unlink()
    write_files(published.folder, {"first/index.html": "mine", "robots.txt": "Disallow: /"})
    # The journal says that a link is to be there; it cannot be put in the place of a folder.
    assert published.publish(SECOND_WEEK).status == 2
    assert (published.folder / "first" / "index.html").read_text(encoding="utf-8") == "mine"
    assert (published.folder / "robots.txt").is_file()


def test_a_build_does_not_write_into_a_folder_that_was_published_into(
    published: PublishedLedger, punchcard: RunPunchcard
) -> None:
    before, line = published.read_all(), ("portal", "build", "--output", published.folder)
    punchcard(published.root, *line).refused("was published into")
    assert published.read_all() == before


def test_git_has_to_know_who_publishes_before_anything_is_done(
    ledger: PublishedLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    ledger.git("config", "user.useConfigOnly", "true")
    ledger.refuse(FIRST_WEEK, said="git config user.name")


def test_a_clone_that_lacks_history_or_tags_does_not_pass_silently(
    published: PublishedLedger, elsewhere: Path, punchcard: RunPunchcard
) -> None:
    published.commit()
    line = ("portal", "publish", "--to", published.folder, "--as-of", SECOND_WEEK)
    for option, mend in (("--depth=1", "fetch-depth: 0"), ("--no-tags", "git fetch --tags")):
        git(elsewhere, "clone", "--quiet", option, published.root.as_uri(), option[2:])
        punchcard(elsewhere / option[2:], *line).refused(mend)


def test_what_was_never_committed_is_published_once_it_is(ledger: PublishedLedger) -> None:
    """The message names the mend, and that mends it."""
    shutil.rmtree(ledger.root / ".git")
    ledger.git("init", "--quiet")
    for options in ((), ("--rev", "HEAD")):
        ledger.publish(FIRST_WEEK, *options).refused(
            "punchcard: error: 'HEAD' is no commit of this repository "
            "(nothing is committed yet; commit the ledger first)\n"
        )
    ledger.git("commit", "--quiet", "--allow-empty", "--message", "Without the ledger")
    ledger.publish(FIRST_WEEK).refused("customers in HEAD (commit it")
    assert not ledger.folder.exists()
    ledger.commit()
    assert ledger.publish(FIRST_WEEK).status == 0
