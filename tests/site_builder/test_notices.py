"""``punchcard notices``: who is told what, by real mail, once."""

import json
import re
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from ledger.history.publications import make_publication
from ledger.ledger import open_ledger
from ledger.models import NoticeChoice
from ledger.notices.facts import Notice, NoticeKind
from ledger.notices.letters import Letter
from site_builder.pages.environment import DEFAULT_STYLE
from site_builder.pages.mails import MailWriter
from tests.browser.hostile_texts import HOSTILE_TEXTS
from tests.conftest import SAMPLE_LEDGER, RunPunchcard, commit_all, git, write_files
from tests.ledger.notices.mail_server import run_mail_server, run_web_server

HARMLESS_TAGS = {
    *("!doctype", "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "p"),
    *("div", "h", "a", "blockquote", "span", "bdi", "br", "ul", "li", "strong"),
}
AS_OF = ("--as-of", "2026-11-23")


def publish(root: Path, *days: str, held_back: tuple[str, ...] = ()) -> None:
    with open_ledger(root / "customers") as ledger:
        repository, commit = ledger.repository, ledger.commit
        assert repository is not None
        assert commit is not None
        for day in days:
            made = (date.fromisoformat(day), "sha256:0", {"x": "1"}, held_back)
            make_publication(repository, commit, *made)


def change(root: Path, place: str, before: str, after: str) -> None:
    path = root / "customers" / place
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.fixture
def published(sample_repository: Path) -> Path:
    """The sample, published on two Mondays; the provider wants to know everything."""
    kinds = ("sales", "requests", "endings", "publications")
    wanted = "".join(f"  {kind}: {kind}@tracewell.example\n" for kind in kinds)
    provider = sample_repository / "customers/provider.yml"
    provider.write_text(provider.read_text() + f"\nnotices:\n{wanted}")
    change(sample_repository, "acme/accounts.yml", "2026-11-18\n", "2026-11-18\n  notices: all\n")
    commit_all(sample_repository)
    publish(sample_repository, "2026-11-09", "2026-11-16")
    return sample_repository


def read_mails(folder: Path) -> list[EmailMessage]:
    return [message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")]


def read_part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def find_mail(mails: list[EmailMessage], address: str) -> EmailMessage:
    (found,) = [mail for mail in mails if mail["To"].addresses[0].addr_spec == address]
    return found


def test_mails_are_written_once_in_the_language_of_their_customer(
    published: Path, punchcard: RunPunchcard
) -> None:
    trial = punchcard(published, "notices", "--dry-run", *AS_OF)
    assert trial.status == 0
    assert not list(published.glob(".git/punchcard-told*"))
    ran = punchcard(published, "notices", "--to", "out", *AS_OF)
    assert (ran.status, ran.stderr) == (0, "")
    assert "is new in published/2026-11-16 since published/2026-11-09" in ran.stdout
    mails = read_mails(published / "out")
    assert len(mails) == len({mail["Message-ID"] for mail in mails})
    mail = find_mail(mails, "anke.grossmann@mueller-messtechnik.example")
    text, html = read_part(mail, "plain"), read_part(mail, "html")
    assert mail["Subject"] == "Auf Ihren Stundenkarten sind noch 45 min, und noch etwas"
    assert mail["From"] == "Tracewell Tools <help@tracewell.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    site = "https://mueller-messtechnik.portals.tracewell.example/"
    assert (
        f"<{site}dates.html#notices>, <mailto:help@tracewell.example?" in (mail["List-Unsubscribe"])
    )
    for page in ("buy-hours.html", "requests/MMT-7.html", "dates.html#notices"):
        assert site + page in text
        assert f'href="{site}{page}"' in html
    again = punchcard(published, "notices", "--to", "out", *AS_OF)
    nothing = "no letters: nothing that people are told of is new in published/2026-11-16\n"
    assert again.stdout == nothing


def test_the_provider_is_told_by_kind_with_what_a_customer_usually_buys(
    published: Path, punchcard: RunPunchcard
) -> None:
    publish(published, "2026-11-23", held_back=("nordlys-rail",))
    ran = punchcard(published, "notices", "--since", "published/2026-11-09", "--to", "out", *AS_OF)
    assert ran.status == 0
    mails = read_mails(published / "out")
    sales = read_part(find_mail(mails, "sales@tracewell.example"), "plain")
    assert "Müller Messtechnik GmbH has 45m left" in sales
    assert "It usually buys 3 punchcards at a time." in sales
    held_back = find_mail(mails, "publications@tracewell.example")
    assert held_back["Subject"] == "Nordlys Rail Signalling AS: the portal was held back"
    assert not [mail for mail in mails if "nordlys" in mail["To"]]
    assert "List-Unsubscribe" not in held_back


def test_everybody_gets_what_they_asked_for(published: Path, punchcard: RunPunchcard) -> None:
    publish(published, "2026-11-23")

    def list_kinds() -> dict[str, set[str]]:
        ran = punchcard(published, "notices", "--dry-run", "--format", "json", *AS_OF)
        letters = json.loads(ran.stdout)["letters"]
        return {
            each["address"]: {notice["kind"] for notice in each["notices"]}
            for each in letters
            if each["customer"] == "acme"
        }

    # Priya's account is disabled since 8 November; ACME-12 is Dana's, ACME-13 Tomás's.
    assert list_kinds() == {
        "dana@acme.example": {"answer"},
        "tomas@acme.example": {"waiting", "digest"},
    }
    change(published, "acme/accounts.yml", "  notices: all\n", "  notices: none\n")
    assert list_kinds() == {"dana@acme.example": {"answer"}}
    # Somebody who is removed meanwhile gets nothing, and those who are left are told instead.
    change(published, "acme/accounts.yml", "  notices: none\n", "  removed: 2026-11-20\n")
    assert list_kinds() == {"dana@acme.example": {"answer", "waiting"}}


def test_a_customer_who_was_held_back_is_told_everything_later(
    published: Path, punchcard: RunPunchcard
) -> None:
    """What crossed while the portal was held back is new with the portal that shows it."""
    git(published, "tag", "--delete", "published/2026-11-16")
    publish(published, "2026-11-16", held_back=("mueller-messtechnik",))
    punchcard(published, "notices", "--to", "out", *AS_OF)
    assert not list((published / "out").glob("mueller*"))
    publish(published, "2026-11-23")
    punchcard(published, "notices", "--to", "out", *AS_OF)
    assert len(list((published / "out").glob("mueller*"))) == 3


def test_mails_are_sent_once_and_what_was_refused_for_now_is_tried_again(
    published: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_mail_server() as (kept, port):
        kept.refusals = {
            "wanjiru.kamau@savanna-sky.example": "451 try later",
            "otieno.achieng@savanna-sky.example": "550 nobody",
        }
        where = ("notices", "--smtp", f"smtp://127.0.0.1:{port}", *AS_OF)
        ran = punchcard(published, *where)
        assert ran.status == 1
        assert "wanjiru.kamau@savanna-sky.example: try later; run again" in ran.stderr
        assert "otieno.achieng@savanna-sky.example: nobody\n" in ran.stderr
        sent = len(kept.mails)
        kept.refusals = {}
        assert punchcard(published, *where).status == 0
        assert [mail["To"].addresses[0].addr_spec for mail in kept.mails[sent:]] == [
            "wanjiru.kamau@savanna-sky.example"
        ]
        monkeypatch.setenv("PUNCHCARD_SMTP", f"smtp://127.0.0.1:{port}")
        assert "7 letters" in punchcard(published, "notices", "--to", "out", *AS_OF).stdout
        assert punchcard(published, "notices", *AS_OF).stdout.startswith("no letters")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PUNCHCARD_SMTP", "smtp://me:geh%40eim@127.0.0.1:1")
        publish(published, "2026-11-23")
        ran = punchcard(published, "notices", *AS_OF)
        assert (ran.status, "takes no mails" in ran.stderr) == (2, True)
        assert "geh" not in ran.stdout + ran.stderr
    for arguments in ((), ("--to", "x", "--smtp", "smtp://h")):
        monkeypatch.delenv("PUNCHCARD_SMTP", raising=False)
        assert punchcard(published, "notices", *arguments).status == 2


def test_a_chat_program_gets_one_message_a_customer(
    published: Path, punchcard: RunPunchcard
) -> None:
    posted: list[Any] = []

    def take(environment: dict[str, Any], start: Any) -> list[bytes]:
        body = environment["wsgi.input"].read(int(environment["CONTENT_LENGTH"]))
        posted.append(json.loads(body))
        start("200 OK", [])
        return []

    with run_web_server(take) as port:
        tell = ("notices", "--webhook", f"http://127.0.0.1:{port}/hook", *AS_OF)
        assert punchcard(published, *tell).status == 0
        (told,) = [each for each in posted if each["customer"] == "mueller-messtechnik"]
        assert told["text"].startswith("Müller Messtechnik GmbH has 45m left. It usually buys")
        assert [each["kind"] for each in told["notices"]] == ["low"]
        count = len(posted)
        assert punchcard(published, *tell).status == 0
        assert len(posted) == count
    where = ("--webhook", "http://chat.example/secret", "--state", "other")
    refused = punchcard(published, "notices", *where, *AS_OF)
    assert (refused.status, "secret" in refused.stderr) == (2, False)


def test_no_internal_note_and_nothing_of_another_customer_is_in_a_mail(
    published: Path, punchcard: RunPunchcard
) -> None:
    for file in published.glob("customers/*/**/*.yml"):
        slug, text = file.relative_to(published / "customers").parts[0], file.read_text()
        text = re.sub("(?m)([{, ]|^)(note|title): ", rf"\1\2: MARK-{slug} ", text)
        if file.parent.name == "time":
            text = re.sub("(?m)^( +)note: ", r"\1internal_note: SECRET\n\1note: ", text)
        file.write_text(text)
    commit_all(published)
    for tag in ("2026-11-09", "2026-11-16"):
        git(published, "tag", "--delete", f"published/{tag}")
    publish(published, "2026-05-04", "2026-11-16")
    assert punchcard(published, "notices", "--to", "out", *AS_OF).status == 0
    marked = 0
    for mail in read_mails(published / "out"):
        domain = mail["To"].addresses[0].domain
        said = f"{mail['Subject']} {read_part(mail, 'plain')} {read_part(mail, 'html')}"
        assert "SECRET" not in said
        if domain != "tracewell.example":
            slugs = set(re.findall("MARK-([a-z]+)", said))
            assert slugs <= {re.split("[-.]", domain)[0]}
            marked += len(slugs)
    assert marked > 5


def test_hostile_texts_break_neither_a_header_nor_the_html(
    published: Path, punchcard: RunPunchcard
) -> None:
    headers = ("a\nBcc: x@y.example", "b\r\n\r\nbody", "=?utf-8?q?x=0ABcc:_z?=", "x" * 2000)
    files = {}
    for number, text in enumerate([*headers, *HOSTILE_TEXTS], start=100):
        said = json.dumps(text)
        event = f"{{date: 2026-11-11, by: alice, status: waiting-for-customer, note: {said}}}"
        files[f"customers/acme/requests/ACME-{number}.yml"] = (
            f"title: {said}\ncategory: product-training\nopened: 2026-11-10\n"
            f"opened_by: dana@acme.example\nchannel: punchcard\nhistory:\n  - {event}\n"
        )
    write_files(published, files)
    commit_all(published)
    git(published, "tag", "--delete", "published/2026-11-16")
    publish(published, "2026-11-16")
    assert punchcard(published, "notices", "--to", "out", *AS_OF).status == 0
    sources = [file.read_bytes() for file in (published / "out").glob("acme*")]
    (source,) = [each for each in sources if b"To: Dana" in each]
    assert max(map(len, source.split(b"\r\n"))) <= 998
    mail = message_from_bytes(source, policy=default)
    assert "bcc" not in map(str.lower, mail)
    html = read_part(mail, "html")
    assert html.count("<blockquote") >= 125  # the others have controls that no file may hold
    assert set(re.findall("<([a-z!?]+)", html, re.IGNORECASE)) <= HARMLESS_TAGS
    assert "\u202e" not in html + read_part(mail, "plain")


def test_hostile_names_stay_names() -> None:
    """Of people, customers and the provider, in every header and part."""
    with open_ledger(SAMPLE_LEDGER) as ledger:
        provider = ledger.organization.provider
    assert provider is not None
    day, headers = date(2026, 11, 16), ("a\r\nBcc: x@y.example", "b\n\nbody", '"<x@y.example>, ')
    for text in (*HOSTILE_TEXTS, *headers):
        hostile = provider.model_copy(update={"name": text})
        writer = MailWriter(hostile, "help@tracewell.example", DEFAULT_STYLE, None)
        about = Notice("acme", text, NoticeKind.WAITING, text, day, text, text, text, days=1)
        to = ("acme", "dana@acme.example", text, None, NoticeChoice.ALL)
        written = writer.write(Letter(*to, day, "published/x", (about,)), datetime.now(UTC))
        mail = message_from_bytes(written.as_bytes(), policy=default)
        assert [*mail] == [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
            *("List-Unsubscribe", "MIME-Version", "Content-Type"),
        ]
        people = [each.addr_spec for key in ("From", "To") for each in mail[key].addresses]
        assert people == ["help@tracewell.example", "dana@acme.example"]
        html = read_part(mail, "html")
        assert set(re.findall("<([a-z!?]+)", html, re.IGNORECASE)) <= HARMLESS_TAGS
