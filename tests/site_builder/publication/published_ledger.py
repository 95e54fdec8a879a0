"""A small ledger in a real repository that is published again and again, and what came of it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from site_builder.output import hash_folder
from tests.conftest import Ran, RunPunchcard, commit_all, git, start_repository
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

FIRST_WEEK, SECOND_WEEK, THIRD_WEEK = "2026-11-16", "2026-11-23", "2026-11-30"
LOOK = """\
site_name: Example
docs_dir: look
use_directory_urls: false
theme: {name: material, font: false}
plugins:
  - search
"""
USED_UP = {
    "first/time/2026-06-alice.yml": "- {id: 02-1, date: 2026-06-02, request: ONE-1, "
    "category: system-access, minutes: 555, note: Waited for the VPN.}\n"
}
"""All time of ``first``, so that the portal's last day is 2027-06-02."""


class PublishedLedger:
    """The repository, the folder beside it that is published into, and the commands that do it."""

    def __init__(self, place: Path, punchcard: RunPunchcard) -> None:
        self.root = start_repository(place / "ledger")
        self.folder = place / "published"
        self._punchcard = punchcard
        self.ran = Ran(0, "", "")  # what the last command did
        self.write(ORGANIZATION, make_customer("first", "ONE", "Zephyrine"))
        self.write(make_customer("second", "TWO", "Quillfeather", consultant="ben"))
        self.commit()

    def publish(self, as_of: str, *options: object) -> Ran:
        """Publish as of a day, or of that of the clock if it is empty."""
        day = ("--as-of", as_of) if as_of else ()
        line = ("publish", "--to", self.folder, *day, "--jobs", "1")
        self.ran = self._punchcard(self.root, "portal", *line, *options)
        return self.ran

    def find_effects(
        self, as_of: str, *options: object, status: int = 0
    ) -> dict[str, tuple[str, str | None]]:
        """Publish, and return what became of each customer, and the day the portal shows."""
        ran = self.publish(as_of, *options, "--format", "json")
        assert ran.status == status, ran
        customers = json.loads(ran.stdout)["customers"]
        return {each["customer"]: (each["effect"], each["as_of"]) for each in customers}

    def refuse(self, as_of: str, *options: object, said: str, status: int = 2) -> None:
        """See that a publication is refused with these words, and that nothing changes."""
        before = self.read_all(), self.tags
        ran = self.publish(as_of, *options)
        assert (ran.status, said in ran.stderr) == (status, True), ran
        assert (self.read_all(), self.tags) == before

    def roll_back(self, *options: object) -> Ran:
        """Go back to an earlier publication."""
        line = ("portal", "rollback", "--in", self.folder)
        return self._punchcard(self.root, *line, *options)

    def change(self, note: str = "New this week") -> None:
        """Let something happen that the portal of ``first`` shows."""
        self.log("first", note)
        self.commit()

    def write(self, *parts: Mapping[str, str]) -> None:
        """Write files of the ledger."""
        write_ledger(self.root / "customers", *parts)

    def log(self, slug: str, note: str, entry_id: str = "01-1") -> None:
        """Add an entry of November to a customer's time."""
        file = self.root / "customers" / slug / "time" / "2026-11-alice.yml"
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        key, day = {"first": "ONE", "second": "TWO"}[slug], f"2026-11-{entry_id[:2]}"
        entry = f'{{id: {entry_id}, date: {day}, request: {key}-1, minutes: 15, note: "{note}"}}'
        file.write_text(f"{before}- {entry}\n", encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file of the ledger."""
        file = self.root / "customers" / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        file.write_text(text.replace(old, new), encoding="utf-8")

    def commit(self) -> str:
        """Commit everything and return the commit's id."""
        commit_all(self.root)
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        """Run Git in the repository."""
        return git(self.root, *arguments)

    @property
    def tags(self) -> list[str]:
        """The publications there are."""
        return self.git("tag", "--list", "published/*").splitlines()

    @property
    def manifest(self) -> dict[str, Any]:
        """What is said about the portals that there are."""
        manifest: dict[str, Any] = json.loads(
            (self.folder / "punchcard-portals.json").read_text(encoding="utf-8")
        )
        return manifest

    def read(self, slug: str) -> dict[str, bytes]:
        """Return the files of the portal that a customer sees."""
        return read_portal(self.folder / slug)

    def read_all(self) -> dict[str, dict[str, bytes]]:
        """Return the files of every portal that is seen."""
        return {place.name: read_portal(place) for place in self.list_portals()}

    def list_portals(self) -> list[Path]:
        """Return the portals that are seen."""
        places = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(place for place in places if place.is_symlink())

    def list_generations(self, slug: str) -> list[str]:
        """Return the generations of a customer that are kept."""
        folder = self.folder / ".generations" / slug
        return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())

    @property
    def journal(self) -> dict[str, Any]:
        """The editions that are kept, and which is live."""
        journal: dict[str, Any] = json.loads(
            (self.folder / ".generations" / "publications.json").read_text(encoding="utf-8")
        )
        return journal

    def _list_known(self) -> dict[str, str]:
        """Return the hashes of the generations that the journal knows, by their paths."""
        return {
            f"{slug}/{generation['name']}": generation["files"]
            for edition in self.journal["editions"]
            for slug, generation in edition["portals"].items()
        }

    def require_whole(self) -> None:
        """See that each portal that is seen is one generation, to the byte."""
        known, store = self._list_known(), self.folder.resolve() / ".generations"
        for real in (place.resolve() for place in self.list_portals()):
            assert hash_folder(real) == known[real.relative_to(store).as_posix()]

    def require_tidy(self) -> None:
        """See that nothing lies in the folder but what the journal knows."""
        store, journal = self.folder / ".generations", self.journal
        found = {each.relative_to(store).as_posix() for each in store.glob("*/*")}
        assert found == self._list_known().keys()
        assert not [entry for entry in store.iterdir() if entry.name.startswith(".")]
        [live] = [each for each in journal["editions"] if each["number"] == journal["live"]]
        seen = {place.name: place.readlink().name for place in self.list_portals()}
        assert seen == {slug: each["name"] for slug, each in live["portals"].items()}
        assert set(self.manifest["portals"]) == set(seen)
        assert (live["tag"] in self.tags) or not live["is_recorded"]


def read_portal(folder: Path) -> dict[str, bytes]:
    """Return every file of a portal by its path."""
    real = folder.resolve()
    files = sorted(path for path in real.rglob("*") if path.is_file())
    return {file.relative_to(real).as_posix(): file.read_bytes() for file in files}


def hash_bytes(content: bytes) -> str:
    """Return the digest that manifests have."""
    return hashlib.sha256(content).hexdigest()


def read_message(ledger: PublishedLedger, tag: str) -> str:
    return ledger.git("for-each-ref", "--format=%(contents)", f"refs/tags/{tag}")
