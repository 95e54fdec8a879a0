"""Texts that the provider's language does not have: said when portals are built."""

from __future__ import annotations

from pathlib import Path

import click

_MOST_NAMED = 5


def warn_of_english(root: Path | None) -> None:
    """Say on standard error which texts stay English, if the language lacks some."""
    from site_builder.look import find_configuration, read_style
    from site_builder.pages.wording import DEFAULT_LANGUAGE

    style = read_style(find_configuration(root))
    if style.language == DEFAULT_LANGUAGE:
        return
    from site_builder.pages.wording import find_missing_texts

    missing = find_missing_texts(style.language, style.texts)
    if not missing:
        return
    names = ", ".join(missing[:_MOST_NAMED])
    more = len(missing) - _MOST_NAMED
    shown = f"{names} and {more} more" if more > 0 else names
    noun = "text stays" if len(missing) == 1 else "texts stay"
    click.echo(
        f"punchcard: warning: {len(missing)} {noun} English in the language "
        f"{style.language!r}: {shown}",
        err=True,
    )
