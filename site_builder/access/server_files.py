"""The files of nginx and of Caddy that say who may open which portal.

nginx: host names, headers and policies are in ``nginx.conf`` and take effect with a reload. Who may
come in is in files that nginx reads at each request: with keys a file of users for each portal,
with a gateway an empty file for each address.

Caddy: one file, which it reads when it is reloaded. Caddy spends seconds on a key of somebody it
does not know (its remedy against guessing names by the time an answer takes). A user's name is
therefore looked at first: the beginning of the header is enough for that.

Nothing is escaped: a value that would need it has no business in a configuration, and is refused.
Templates are rendered so that every value passes through that check.
"""

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from ledger.errors import LedgerError
from ledger.models import Provider, Terms
from site_builder.access.sites import Mode, Server, ServerSettings, Site
from site_builder.pages.brand import make_palette
from site_builder.pages.environment import PageStyle, make_contact_link, make_renderer
from site_builder.security_policy import find_needs

PAGES, USERS, LISTED = "pages", "users", "listed"
"""The folders of the pages for who sees no portal, of nginx's users, and of its addresses."""
MISSING_PAGE = "not.there.html"
"""The page for a wrong path, and for a portal that is not published yet; no slug has a dot."""

CONFIGURATIONS = {Server.NGINX: "nginx.conf", Server.CADDY: "Caddyfile"}

_CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# The gateway's own pages have styles and scripts in them, and send a form to wherever it signs in.
_GATEWAY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
# What nginx takes by itself: the length of a host name, and how many there are.
_DEFAULT_LENGTH, _DEFAULT_COUNT = 40, 64
_BYTES_A_GROUP, _CHARACTERS_A_GROUP = 3, 4  # of base64
_TEMPLATES = Path(__file__).parent / "templates"
_PLAIN = re.compile(r"[\w .:;,/@'=+!%&?^|~\[\]-]*")


def make_server_files(
    settings: ServerSettings,
    sites: Sequence[Site],
    provider: Provider,
    terms: Terms | None,
    style: PageStyle,
) -> dict[str, str]:
    """Return the texts of files by path; pages name ``provider`` and ``terms``, in ``style``."""
    is_sso, is_nginx = settings.mode is Mode.SSO, settings.server is Server.NGINX
    start = "/" if settings.is_by_host else ""
    missing = _render_page("missing.html", style, provider, start=start)
    needs = [source for _directive, source in find_needs(MISSING_PAGE, missing.encode())]
    policy = f"{_CLOSED_POLICY}; style-src {' '.join(needs)}"
    files = {
        CONFIGURATIONS[settings.server]: make_configuration(settings, sites, policy),
        f"{PAGES}/{MISSING_PAGE}": missing,
    }
    for site in sites:
        if is_nginx and is_sso:
            files.update({f"{LISTED}/{site.slug}/{name}": "" for name in site.key_hashes})
        elif is_nginx:
            lines = (f"{name}:{key_hash}\n" for name, key_hash in site.key_hashes.items())
            files[f"{USERS}/{site.slug}"] = "".join(lines)
        files[f"{PAGES}/{site.slug}.html"] = _render_page(
            "refused.html",
            style.fit_to_reader(site.language),
            provider,
            terms=terms,
            last_day=site.last_day,
            sign_in=f"/oauth2/start?rd={settings.address.find_path(site.slug)}" if is_sso else "",
        )
    return files


def _render_page(template: str, style: PageStyle, provider: Provider, **values: object) -> str:
    wording = make_renderer(style).wording
    return render(
        template,
        is_page=True,
        t=wording.text,
        day=wording.day,
        language=wording.language,
        provider=provider,
        colours=make_palette(provider.brand.colour),
        contact_link=make_contact_link,
        **values,
    )


def make_configuration(
    settings: ServerSettings, sites: Sequence[Site], closed_policy: str = _CLOSED_POLICY
) -> str:
    """Return the server's configuration; ``closed_policy`` is that of pages without a portal."""
    settings.require_valid()
    is_sso, certificate, listen = settings.mode is Mode.SSO, settings.certificate, settings.listen
    shown = [_describe(settings, site) for site in sites]
    hosts: dict[str, list[dict[str, Any]]] = {}
    for site in shown:
        hosts.setdefault(site["host"], []).append(site)
    binds = dict.fromkeys(text.rpartition(":")[0] for text in listen)
    return render(
        CONFIGURATIONS[settings.server],
        servers=[
            {"host": host, "addresses": _name_caddy_host(settings, host), "sites": of_host}
            for host, of_host in hosts.items()
        ],
        sites=shown,
        certificate=certificate,
        closed_policy=closed_policy,
        gateway_policy=_GATEWAY_POLICY,
        missing_page=MISSING_PAGE,
        cache="private, no-cache",
        is_by_host=settings.is_by_host,
        is_sso=is_sso,
        gateway=settings.gateway,
        intake=settings.intake,
        folder=settings.folder,
        log=settings.log,
        # nginx
        hash_sizes=_find_hash_sizes([site["host"] for site in shown]),
        listen=[
            f"{port} ssl" if certificate else port
            for port in listen or ("443" if certificate else "80",)
        ],
        user=Verified("$punchcard_email" if is_sso else "$remote_user"),
        by_customer=Verified("$host$uri" if settings.is_by_host else "$uri"),
        file_cache=Verified("$punchcard_cache"),
        # Caddy
        nobody=_name_caddy_host(settings, "") if listen else "http://, https://",
        bind=" ".join(filter(None, binds)),
        is_encrypted=certificate is not None or not listen,
    )


def _describe(settings: ServerSettings, site: Site) -> dict[str, Any]:
    """Return what the templates show of a portal; nginx keeps the path of a portal in ``root``."""
    has_own_root = settings.is_by_host or settings.server is Server.CADDY
    return {
        "slug": site.slug,
        "host": settings.address.find_host(site.slug),
        "policy": site.policy if site.is_open else _CLOSED_POLICY,
        "is_open": site.is_open,
        "users": [
            {"name": Verified(name), "key_hash": Verified(key_hash), "prefix": _encode_start(name)}
            for name, key_hash in site.key_hashes.items()
        ],
        "root": settings.portals / site.slug if has_own_root else settings.portals,
        "location": "/" if settings.is_by_host else Verified(f"~ ^/{site.slug}(/|$)"),
        "path": settings.address.find_path(site.slug),
        "realm": "Portal" if settings.is_by_host else f"Portal {site.slug}",
    }


def _encode_start(name: str) -> str:
    """Return how a user's credentials begin, whatever the key is: whole groups of base64."""
    start = f"{name}:".encode()
    whole = len(start) // _BYTES_A_GROUP * _CHARACTERS_A_GROUP
    return base64.b64encode(start).decode("ascii")[:whole]


def _name_caddy_host(settings: ServerSettings, host: str) -> str:
    """Return the addresses of a host, as a site's block begins with them."""
    scheme = "https" if settings.certificate else "http"
    ports = dict.fromkeys(text.rpartition(":")[2] for text in settings.listen)
    return ", ".join(f"{scheme}://{host}:{port}" for port in ports) or f"https://{host}"


def _find_hash_sizes(hosts: Sequence[str]) -> dict[str, int] | None:
    """Return the sizes for many or long names; nginx refuses to start if they are too small."""
    longest = max(map(len, hosts), default=0)
    if longest <= _DEFAULT_LENGTH and len(hosts) <= _DEFAULT_COUNT:
        return None
    length = 512 if longest > 2 * _DEFAULT_LENGTH else 128
    return {"names": max(512, 8 * len(hosts)), "length": length}


class Verified(str):
    """A text whose form was verified before, so that it may stand in a file as it is."""

    __slots__ = ()


def render(template: str, *, is_page: bool = False, **values: object) -> str:
    """Return a template's text; a page escapes its values, else a LedgerError refuses some."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        finalize=None if is_page else _require_plain,
        autoescape=is_page,  # noqa: S701  # a configuration is no markup: its values are plain
        trim_blocks=not is_page,
        lstrip_blocks=not is_page,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)


def _require_plain(value: object) -> object:
    if not isinstance(value, Verified) and not _PLAIN.fullmatch(str(value)):
        hint = "use letters, digits and the usual signs in names of folders and files"
        raise LedgerError(f"{str(value)!r} cannot stand in a web server's configuration", hint)
    return value
