"""Colours written ``#rrggbb``, and how well words can be read in one on another (WCAG 2.2)."""

from collections.abc import Iterable, Sequence
from colorsys import hls_to_rgb, rgb_to_hls

LEAST_CONTRAST = 4.5
"""What words of usual size need, by the criterion 1.4.3."""

WHITE = "#ffffff"
_STEPS = 100


def find_contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours: 1 of equal ones, 21 of black and white."""
    darker, lighter = sorted(map(_find_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Return a colour with a ``share`` of another in it."""
    pairs = zip(_split(colour), _split(other), strict=True)
    return _join(a + (b - a) * share for a, b in pairs)


def make_legible(
    colour: str, grounds: Sequence[str], least: float = LEAST_CONTRAST, *, is_dark: bool = False
) -> str:
    """Return the nearest shade of a colour that can be read on all grounds, which may be dark."""
    hue, lightness, saturation = rgb_to_hls(*_split(colour))
    way = (1 if is_dark else 0) - lightness
    steps = (lightness + way * step / _STEPS for step in range(_STEPS + 1))
    shades = [_join(hls_to_rgb(hue, each, saturation)) for each in steps]
    fit = (each for each in shades if min(find_contrast(each, one) for one in grounds) >= least)
    return next(fit, shades[-1])


def _find_luminance(colour: str) -> float:
    """Return the relative luminance, as WCAG defines it for sRGB."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # of sRGB
        for part in _split(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _split(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def _join(parts: Iterable[float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
