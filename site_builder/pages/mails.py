"""The mails of ``punchcard notices``: a text and an HTML part, by the templates of the pages."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from ledger.intake.access_keys import PortalAddress
from ledger.models import Provider
from ledger.notices.facts import name_notice
from ledger.notices.letters import Letter, hash_key
from ledger.text import cut_text
from site_builder.pages import environment
from site_builder.pages.brand import make_palette
from site_builder.pages.environment import PageRenderer, PageStyle
from site_builder.pages.notices import NoticeText, describe_notice
from site_builder.pages.untrusted import make_visible

NO_NOTICES = "Notices: none"
"""What ``punchcard request receive`` takes for the wish to have no more of them."""
_SPECIALS = re.compile(r'[][()<>@,:;"\\]')
_LONGEST_SUBJECT = 120
_ID_LENGTH = 32


class MailWriter:
    """Writes the mails of a provider, from ``sender``, with links to the portals' ``address``.

    A ``logo`` is a PNG: mail programs show no SVG.
    """

    def __init__(
        self,
        provider: Provider,
        sender: str,
        style: PageStyle,
        address: PortalAddress | None,
        logo: bytes = b"",
    ) -> None:
        self._provider, self._sender, self._logo = provider, sender, logo
        self._style, self._address = style, address

    def write(self, letter: Letter, sent: datetime) -> EmailMessage:
        """Return the mail; who has one with this Message-ID has it already."""
        renderer = self.find_renderer(letter.language)
        texts = describe_letter(letter, renderer)
        site = self._address.find_link(letter.customer) if self._address else ""
        values = {
            "letter": letter,
            "texts": texts,
            "provider": self._provider,
            "sender": self._sender,
            "site": "" if not letter.customer else site,
            "customer": letter.notices[0].name,
            "colours": make_palette(self._provider.brand.colour),
            "has_logo": bool(self._logo),
        }
        mail = EmailMessage(policy=SMTP)
        mail["From"] = make_mailbox(self._provider.name, self._sender)
        mail["To"] = make_mailbox(letter.name, letter.address)
        mail["Subject"] = self._make_subject(texts, renderer)
        mail["Date"] = format_datetime(sent)
        mail["Message-ID"] = f"<{make_key(letter)[:_ID_LENGTH]}@{_split(self._sender)[1]}>"
        mail["Auto-Submitted"] = "auto-generated"
        if letter.customer:
            leave = environment.make_mail_link(self._sender, NO_NOTICES)
            form = f"<{site}dates.html#notices>, " if site else ""
            mail["List-Unsubscribe"] = f"{form}<{leave}>"
        text = renderer.render("notice-mail.txt", **values)
        html = renderer.render("notice-mail.html", **values)
        mail.set_content(str(text), cte="quoted-printable")
        mail.add_alternative(str(html), subtype="html", cte="quoted-printable")
        if self._logo and (part := mail.get_body(("html",))):
            part.add_related(self._logo, "image", "png", cid="<logo>")
        return mail

    def find_renderer(self, language: str | None) -> PageRenderer:
        """Return the renderer of a customer's language, or else of the portals'."""
        return environment.make_renderer(self._style.fit_to_reader(language))

    @staticmethod
    def _make_subject(texts: list[NoticeText], renderer: PageRenderer) -> str:
        title, notice = texts[0].title, texts[0].notice
        if len(texts) > 1:
            title = renderer.wording.text("notice.more", title=title, count=len(texts) - 1)
        elif notice.title:
            # What `punchcard request receive` knows an answer by.
            named = title.replace(notice.subject, f"[{notice.subject}]", 1)
            title = f"{named}: {notice.title}"
        return cut_text(_clean(title), _LONGEST_SUBJECT)


def describe_letter(letter: Letter, renderer: PageRenderer) -> list[NoticeText]:
    """Return what a letter says, notice by notice."""
    section = "notice" if letter.customer else "notice_internal"
    return [describe_notice(each, renderer.wording, section) for each in letter.notices]


def make_key(letter: Letter) -> str:
    """Return what follows from customer, kinds, subjects, publication and person alone."""
    told = (part for each in letter.notices for part in name_notice(each))
    return hash_key(letter.customer, letter.address, letter.tag, *told)


def make_mailbox(name: str, address: str) -> Address:
    """Return a person's name and address as a header has them."""
    user, domain = _split(address)
    # The library loses the quotes around a name that it folds, and then reads it as addresses.
    return Address(_clean(_SPECIALS.sub(" ", name)), user, domain)


def _split(address: str) -> tuple[str, str]:
    user, _at, domain = address.rpartition("@")
    return user, domain if domain.isascii() else domain.encode("idna").decode()


def _clean(text: str) -> str:
    return " ".join(make_visible(text).split())
