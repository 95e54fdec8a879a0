"""The Jinja environment of our own pages: HTML is escaped, undefined names are errors.

Every value that a template prints also passes ``make_visible``, so that no text of a customer can
change the direction of the text around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from markupsafe import Markup

from ledger.balance.lots import Lot
from ledger.balance.movements import sum_movements
from ledger.errors import LedgerError
from ledger.models import Terms, TermsHistory
from ledger.money import format_amount
from ledger.uses import DEFAULT_USES, TECHNICAL_SUPPORT
from ledger.wording import DEFAULT_LANGUAGE, Wording, choose_language, load_wording
from site_builder.charts import draw_card
from site_builder.pages.untrusted import make_visible, render_lines

TEMPLATES_FOLDER = Path(__file__).parent / "templates"
# Methods of ``Wording`` that templates use as filters.
_FILTERS = (
    *("day", "short_day", "weekday", "month", "short_month", "minutes", "signed_minutes"),
    *("percent", "money", "amount", "size"),
)


@dataclass(frozen=True)
class PageStyle:
    """What a provider may choose about the pages themselves, and what the terms ask of them."""

    language: str = DEFAULT_LANGUAGE  # the name of a file of texts, without its ending
    texts: Path | None = None  # a folder with the provider's own texts, one file a language
    templates: Path | None = None  # a folder of templates, each instead of ours of that name
    has_intake: bool = False  # forms are sent to ``punchcard intake serve`` instead of by mail
    categories: tuple[tuple[str, str], ...] = ()  # the names that terms give them, by id
    has_support: bool = True  # whether technical support is what costs nothing

    def fit_to_reader(self, language: str | None) -> PageStyle:
        """Return it in a customer's own language, if there are texts of it."""
        return replace(self, language=choose_language(language, self.language, self.texts))

    def fit_to_terms(self, terms: Sequence[Terms]) -> PageStyle:
        """Return it with what terms call their categories; those in force come last."""
        names = TermsHistory(terms).name_categories(self.language)
        uses = terms[-1].uses if terms else DEFAULT_USES
        has_support = TECHNICAL_SUPPORT in uses.free
        return replace(self, categories=tuple(names.items()), has_support=has_support)


DEFAULT_STYLE = PageStyle()


class PageRenderer:
    """Renders our templates, or a provider's own, with the texts of one language.

    Raises:
        LedgerError: the texts or templates that the style names cannot be used.
    """

    def __init__(self, style: PageStyle) -> None:
        for folder in (style.texts, style.templates):
            if folder is not None and not folder.is_dir():
                message = f"{folder} is not a folder"
                raise LedgerError(message, "mkdocs.yml names it for the portals")
        self.wording = wording = load_wording(
            style.language, style.texts, dict(style.categories), has_support=style.has_support
        )
        self._templates = style.templates
        ours = jinja2.FileSystemLoader(TEMPLATES_FOLDER)
        own = [jinja2.FileSystemLoader(style.templates)] if style.templates else []
        self._environment = jinja2.Environment(
            # The provider's templates can include ours of the same name as "punchcard/<name>".
            loader=jinja2.ChoiceLoader([*own, ours, jinja2.PrefixLoader({"punchcard": ours})]),
            autoescape=jinja2.select_autoescape(disabled_extensions=("txt",), default=True),
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_finalize,
        )
        self._environment.globals.update(
            t=wording.text,
            label=wording.label,
            language=wording.language,
            contact_link=make_contact_link,
            mail_link=make_mail_link,
            is_address=is_address,
            has_intake=style.has_intake,
            draw_card=draw_card,
            has_support=style.has_support,
        )
        self._environment.filters.update(
            {name: getattr(wording, name) for name in _FILTERS},
            lines=render_lines,
            lot_name=partial(name_lot, wording=wording),
            sums=sum_movements,
            plain_amount=format_amount,
        )

    def render(self, template: str, **values: Any) -> Markup:
        """Return a filled-in template: finished HTML.

        Raises:
            LedgerError: a template of the provider's own does not work.
        """
        try:
            return Markup(self._environment.get_template(template).render(values))  # noqa: S704 - autoescaped
        except jinja2.TemplateError as error:
            if self._templates is None:
                raise
            message = f"the page {template} cannot be made with the templates in {self._templates}"
            raise LedgerError(f"{message}: {error}", "compare them with ours") from error


@lru_cache(maxsize=32)
def make_renderer(style: PageStyle) -> PageRenderer:
    """Return the renderer of a style; its templates are compiled once."""
    return PageRenderer(style)


def name_lot(lot: Lot, wording: Wording) -> str:
    """Return what a lot is called: a card by the invoice or purchase that it came with."""
    name = "goodwill" if lot.purchase is None else "card" if lot.invoice else "card_of_purchase"
    about = {"invoice": lot.invoice, "purchase": lot.purchase, "count": lot.count}
    return wording.text(f"lot.{name}", id=lot.id, number=lot.number, **about)


def is_address(contact: str) -> bool:
    """Whether a contact is an e-mail address, and not the address of a web page."""
    return not contact.lower().startswith(("http://", "https://"))


def make_contact_link(contact: str) -> str:
    """Return the link for a contact: an address of a web page, or an e-mail address."""
    return f"mailto:{quote(contact, safe='@')}" if is_address(contact) else contact


def make_mail_link(address: str, subject: str, text: str = "") -> str:
    """Return the link that opens an e-mail with a subject, and perhaps a text."""
    body = text.replace("\n", "\r\n")
    values = {"subject": subject, "body": body} if body else {"subject": subject}
    return f"{make_contact_link(address)}?{urlencode(values, quote_via=quote)}"


def _finalize(value: object) -> object:
    """Return a value as it is to be escaped: a text with its control characters written out."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return make_visible(value)
    return value
