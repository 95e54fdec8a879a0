"""The provider's brand: its files in a portal, and the colours of portals and mails.

The colours are those of portal.css, or what follows from the provider's own.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ledger.colour import make_legible, mix
from site_builder.pages.site import SiteFile
from site_builder.pages.untrusted import make_visible
from site_builder.view import PortalView

_STYLE_PATH = "assets/stylesheets/brand.css"
_PORTAL_STYLE = Path(__file__).parents[1] / "theme/assets/stylesheets/portal.css"

_VARIABLE = re.compile(r"--portal-([a-z-]+): (#[0-9a-f]{6});")
_OWN = ("ink", "accent", "accent-soft", "link")
_GROUNDS = ("page", "panel", "sunken", "good-soft", "warn-soft", "bad-soft")
_HEADER_IN_THE_DARK = 10.0  # to one: a header in the dark shines no more than this lets it
_DARK = "@media screen and (prefers-color-scheme: dark) {"


class Palette(NamedTuple):
    """The colours in light and in dark, by their names in portal.css."""

    light: Mapping[str, str]
    dark: Mapping[str, str]


@cache
def make_palette(colour: str | None) -> Palette:
    """Return the colours of a provider: words in any of them can be read where they stand.

    On light grounds a provider's ``colour`` is darkened, on dark ones lightened, until it has the
    contrast that words need; the least that it takes is enough.
    """
    style = _PORTAL_STYLE.read_text(encoding="utf-8")
    before, _start, after = style.partition(_DARK)
    light, dark = (dict(_VARIABLE.findall(part.partition("}")[0])) for part in (before, after))
    if colour is None:
        return Palette(light, dark)
    for mode, share in ((light, 0.9), (dark, 0.75)):
        soft = mix(colour, mode["panel"], share)
        grounds = [soft, *(mode[name] for name in _GROUNDS)]
        accent = make_legible(colour, grounds, is_dark=mode is dark)
        mode |= {"accent": accent, "link": accent, "accent-soft": soft}
    light["ink"] = colour
    dark["ink"] = make_legible(colour, [dark["on-ink"]], _HEADER_IN_THE_DARK)
    return Palette(light, dark)


def list_brand_files(view: PortalView) -> Iterator[SiteFile]:
    """Yield the logo, and the style sheet of the colour, if there are such."""
    brand = view.provider.brand
    if brand.logo:
        yield SiteFile(view.logo_path, view.brand_files[brand.logo])
    if brand.colour:
        yield SiteFile(_STYLE_PATH, _write_style(brand.colour))


def describe_brand(view: PortalView) -> dict[str, str]:
    """Return what the frame of each page is told of the brand."""
    brand = view.provider.brand
    footer, style = "\n".join(map(make_visible, brand.footer)), brand.colour and _STYLE_PATH
    return {"logo": view.logo_path, "style": style or "", "footer": footer}


def _write_style(colour: str) -> bytes:
    """Return the rules that give portals a provider's colour on screens; paper stays as it is."""
    light, dark = (
        ";".join(f"--portal-{name}:{mode[name]}" for name in _OWN) for mode in make_palette(colour)
    )
    return f"@media screen{{:root{{{light}}}}}\n{_DARK}:root{{{dark}}}}}\n".encode()
