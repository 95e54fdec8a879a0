"""A ledger with all sorts of accounts, and portals in which every file bears its owner's mark."""

import shutil
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ledger.intake.access_keys import hash_key
from site_builder.output import MANIFEST_NAME, Manifest, PortalRecord
from site_builder.security_policy import write_policy
from tests.conftest import commit_all, start_repository, write_files
from tests.site_builder.small_ledgers import ORGANIZATION

DOMAIN = "portals.example"
AS_OF = "2026-11-20"
CONTACT = "help@provider.example"
SLUGS = ("alpha", "beta", "gamma", "delta", "omega")
"""``gamma``'s portal has closed; ``delta`` never had one, but files lie there; ``omega``'s is there
and nobody may see it."""

_FILES = (
    *("index.html", "404.html", "statement.csv", "statement.json", "calendar.ics"),
    *("search/search_index.json", "assets/app.js", "assets/style.css", "requests/index.html"),
    *("assets/main.0123abcd.min.css", "statements/a-statement-2026-10.csv", "last-days.ics"),
    *("requests/ALPHA-1.html", f"requests/ALPHA-1/{'0' * 64}-page.html.bin"),
    *(".secret", ".git/config", "requests/.hidden.html", "index.html~"),
)
_TIMES = 40


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who tries to come in."""

    email: str
    key: str
    sees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """Where everything lies."""

    root: Path
    portals: Path


def mark(slug: str) -> bytes:
    """Return what every file of a customer's portal holds."""
    return f"MARK-OF-{slug.upper()}".encode()


PEOPLE = (
    Person("ann@alpha.example", "key-of-ann", ("alpha",)),
    Person("Amy@alpha.example", "key-of-amy", ("alpha",)),
    Person("both@shared.example", "key-at-alpha", ("alpha",)),
    Person("both@shared.example", "key-at-beta", ("beta",)),
    Person("ben+portal@beta.example", "key-of-ben", ("beta",)),
    Person("old@beta.example", "key-of-old"),
    Person("gone@alpha.example", "key-of-gone"),
    Person("cleo@gamma.example", "key-of-cleo"),
    Person("dora@delta.example", "key-of-dora"),
    Person("keyless@omega.example", ""),
    Person("ann@alpha.example", "key-of-ben"),
    Person("nobody@nowhere.example", "key-of-ann"),
    Person("", ""),
)
"""Those who may see something, those who may not any more, and strangers."""


@cache
def hash_once(key: str) -> str:
    """Return the hash of a key; the same one for every test of a run."""
    return hash_key(key)


def write_world(root: Path) -> World:
    """Write the ledger and the portals below ``root``."""
    repository = start_repository(root / "repository")
    files = {f"customers/{name}": text for name, text in ORGANIZATION.items()}
    for slug in SLUGS:
        files.update(_make_customer(slug))
    write_files(repository, {name: textwrap.dedent(text) for name, text in files.items()})
    commit_all(repository)
    portals = root / "served"
    for slug in SLUGS:
        _write_portal(portals, slug)
    policy = write_policy(())
    record = PortalRecord(as_of=AS_OF, revision=None, content_security_policy=policy)
    records = {slug: record for slug in SLUGS if slug != "gamma"}
    (portals / MANIFEST_NAME).write_text(Manifest(portals=records).to_json())
    return World(repository, portals)


def copy_world(world: World, root: Path) -> World:
    """Return a copy of a world."""
    repository = shutil.copytree(world.root, root / "repository", symlinks=True)
    portals = shutil.copytree(world.portals, root / "served", symlinks=True)
    return World(repository, portals)


def account(email: str, key: str | None = None, **fields: str) -> str:
    """Return an item of accounts.yml."""
    lines = [f"- email: {email}", "  name: Somebody", f"  created: {fields.pop('created', AS_OF)}"]
    lines += [f"  {name}: {value}" for name, value in fields.items()]
    lines += [f"  key_hash: {hash_once(key)}"] if key else []
    return "\n".join(lines) + "\n"


_ACCOUNTS = {
    "alpha": (
        account("gone@alpha.example", "key-of-gone", created="2026-06-12", removed="2026-11-19")
        + account("ann@alpha.example", "key-of-ann", created="2026-10-01")
        + account("Amy@alpha.example", "key-of-amy", created="2026-10-02")
        + account("both@shared.example", "key-at-alpha", created="2026-10-03")
    ),
    "beta": (
        account("old@beta.example", "key-of-old", created="2026-01-12", last_sign_in="2026-05-19")
        + account("ben+portal@beta.example", "key-of-ben")
        + account("both@shared.example", "key-at-beta")
    ),
    "gamma": account("cleo@gamma.example", "key-of-cleo"),
    "delta": account("dora@delta.example", "key-of-dora"),
    "omega": account("keyless@omega.example"),
}


def _make_customer(slug: str) -> dict[str, str]:
    folder = f"customers/{slug}"
    completed = "2025-11-19" if slug == "gamma" else "2026-03-01"
    services = f"[{{name: Rollout, completed: {completed}}}]"
    return {
        f"{folder}/customer.yml": (
            f"name: Customer {slug}\nkey: {slug.upper()}\ncurrency: USD\n"
            + ("" if slug == "delta" else f"services: {services}\n")
        ),
        f"{folder}/accounts.yml": _ACCOUNTS[slug],
    }


def _write_portal(portals: Path, slug: str) -> None:
    """Write a portal: some as a folder, some as a link into a hidden one."""
    folder = portals / slug
    if slug in {"beta", "gamma"}:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(f".generations/{slug}/1")
        folder = portals / ".generations" / slug / "1"
    for name in _FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((mark(slug) + b" " + name.encode() + b"\n") * _TIMES)
