"""What is tried to come where one has no business: paths, headers, methods."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from tests.web.portal_world import DOMAIN, PEOPLE, SLUGS, Person
from tests.web.raw_client import sign_in

METHODS = ("GET", "HEAD")
PATHS = (
    *("/", "/index.html", "/search/search_index.json", "/statement.csv", "/assets/app.js"),
    *("/requests/", "/requests", "/calendar.ics", "/index.html~", "/no-such-page.html"),
    *("/.secret", "/.git/config", "/requests/.hidden.html", "/%2esecret", "/%2Egit/config"),
    *("/{other}/", "/{other}/index.html", "/{other}/search/search_index.json"),
    *("//{other}//index.html", "/../{other}/index.html", "/../../{other}/assets/app.js"),
    *("/%2e%2e/{other}/index.html", "/..%2f{other}%2findex.html", "/.%2e/{other}/statement.csv"),
    *("/%252e%252e/{other}/index.html", "/%252e%252e%252f{other}%252findex.html"),
    *("/assets/../../{other}/index.html", "/assets/%2e%2e/%2e%2e/{other}/index.html"),
    *("/..;/{other}/index.html", "/..%5c{other}%5cindex.html", "/..\\{other}\\index.html"),
    *("/..%c0%af{other}/index.html", "/%00", "/index.html%00.css", "/index.html\x00.css"),
    *("/../{other}%00/index.html", "/punchcard-portals.json", "/../punchcard-portals.json"),
    *("/.generations/{other}/1/index.html", "/%2egenerations/{other}/1/index.html"),
    *("/../.generations/{other}/1/index.html", "/../../access/users/{other}"),
    *("/.punchcard-refused/{other}", "/.punchcard-gateway", "/@listed-{other}", "/{other}.html"),
    *("/index.html?next=../{other}/index.html", "/index.html#/../{other}/", "/ALPHA/index.html"),
)


class Trick(NamedTuple):
    """Headers that a client adds, or another form of the request.

    Attributes:
        headers: lines, in which ``{other}`` stands for another customer.
        to_other: whether the request is one to the other's host, as HTTP has it.
        whole_target: what stands for the path, if not the path alone.
    """

    headers: tuple[str, ...] = ()
    to_other: bool = False
    whole_target: str = "{path}"


TRICKS = (
    Trick(),
    Trick(("X-Original-URL: /{other}/index.html", "X-Rewrite-URL: /{other}/index.html")),
    Trick(("X-Forwarded-Host: {other}." + DOMAIN, "X-Host: {other}." + DOMAIN)),
    Trick(("X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1")),
    Trick(("X-Forwarded-Prefix: /{other}", "X-Forwarded-Uri: /{other}/index.html")),
    Trick(("X-Auth-Request-Email: {owner}", "X-Forwarded-Email: {owner}")),
    Trick(("X-Forwarded-User: {owner}", "X-Remote-User: {owner}", "Remote-User: {owner}")),
    Trick(("X-Accel-Redirect: /{other}/index.html", "X-Sendfile: /{other}/index.html")),
    Trick(("X-HTTP-Method-Override: PUT",)),
    Trick(("Range: bytes=0-",)),
    Trick(("Range: bytes=1-400,500-900",)),
    Trick(("If-None-Match: *", "If-Modified-Since: Mon, 23 Nov 2099 00:00:00 GMT")),
    Trick(("If-Match: *", "If-Unmodified-Since: Mon, 23 Nov 2099 00:00:00 GMT")),
    Trick(("Host: {other}." + DOMAIN,), to_other=True),
    Trick((), to_other=True, whole_target="http://{other}." + DOMAIN + "{path}"),
)


class Probe(NamedTuple):
    """One request."""

    person: Person
    slug: str
    other: str
    path: str
    trick: Trick
    method: str

    @property
    def host(self) -> str:
        """The host it says it is for."""
        return f"{self.slug}.{DOMAIN}"

    @property
    def may_see(self) -> bool:
        """Whether the person may see the portal of the host."""
        return self.slug in self.person.sees or (
            self.trick.to_other and self.other in self.person.sees
        )

    def make_target(self, prefix: str = "") -> bytes:
        """Return what stands for the path in the request."""
        path = prefix + self.path
        whole = self.trick.whole_target.replace("{path}", path)
        return whole.replace("{other}", self.other).encode("latin-1")

    def make_headers(self) -> list[bytes]:
        """Return the headers beyond the host."""
        owner = next((person.email for person in PEOPLE if self.slug in person.sees), "")
        lines = [
            line.replace("{other}", self.other).replace("{owner}", owner)
            for line in self.trick.headers
        ]
        known = [sign_in(self.person.email, self.person.key)] if self.person.email else []
        return [*known, *(line.encode() for line in lines)]


def list_probes(count: int | None) -> Iterator[Probe]:
    """Yield every combination, or about ``count`` of them, the same ones every time."""
    every = [
        Probe(person, slug, SLUGS[(SLUGS.index(slug) + 1) % len(SLUGS)], path, trick, method)
        for person in PEOPLE
        for slug in SLUGS
        for path in PATHS
        for trick in TRICKS
        for method in METHODS
    ]
    if count is None or count >= len(every):
        yield from every
        return
    yield from random.Random(count).sample(every, count)
