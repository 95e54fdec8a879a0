"""Notices in words: what a mail, a feed and a chat program say of each."""

from typing import NamedTuple

from ledger.notices.facts import Notice, NoticeKind
from ledger.wording import Wording

_LONG_WAIT = 7
_PAGES = {
    **dict.fromkeys(("overdrawn", "used-up", "low", "forecast"), "buy-hours.html"),
    **dict.fromkeys(("estimate", "waiting", "resolved", "answer"), "requests/{id}.html"),
    **dict.fromkeys(("account", "portal", "licence"), "dates.html"),
    "card": "punchcards.html",
}


class NoticeText(NamedTuple):
    """A notice as people read it; ``page`` is the one of the portal that has more of it."""

    notice: Notice
    title: str
    text: str
    page: str

    @property
    def quote(self) -> str:
        """What somebody wrote."""
        return self.notice.text or ""


def describe_notice(notice: Notice, wording: Wording, section: str = "notice") -> NoticeText:
    """Return a notice in words; the ``section`` ``notice_internal`` has those for the provider."""
    kind, days = notice.kind, abs(notice.days or 0)
    key, text_key = f"{section}.{kind}", ""
    if kind is NoticeKind.WAITING and days >= _LONG_WAIT:
        key += "_long"
    if notice.days is not None and notice.days < 0:
        key += "_ended"
    if kind is NoticeKind.DIGEST and (notice.minutes or 0) < 0:
        text_key = f"{key}_owed_text"
    usual = wording.text("notice_internal.usual_none")
    if notice.cards:
        cards = wording.text("cards", count=notice.cards, number=notice.cards)
        usual = wording.text("notice_internal.usual", cards=cards)
    values = {
        "id": notice.subject,
        "customer": notice.name,
        "person": notice.person or "",
        "minutes": wording.minutes(abs(notice.minutes or 0)),
        "day": wording.day(notice.last_day or notice.day),
        "usual": usual,
        "count": days,
    }
    title, text = (wording.text(name, **values) for name in (key, text_key or f"{key}_text"))
    return NoticeText(notice, title, text, _PAGES.get(kind, "index.html").format(id=notice.subject))
