import itertools
import resource
import time
from contextlib import suppress
from datetime import UTC
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.intake.mail import MAX_MAIL_BYTES, read_request_mail
from ledger.intake.mail_text import clean_html, clean_text, unflow
from tests.ledger.intake.conftest import make_mail

HEAD = b"From: Dana <Dana@acme.example>\nTo: help@tools.example\nSubject: Export fails\n"
HTML = b"Content-Type: text/html\n\n"
MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    ("text", "title", "category", "description"),
    [
        (
            "Title: Sign-on: SAML\nCategory: Detailed Q&A\nUrgency: this week\n\nWe …\n\nSoon.\n",
            *("Sign-on: SAML", "Detailed Q&A", "Urgency: this week\n\nWe …\n\nSoon."),
        ),
        # It needs its title, and the blank line; any other mail has its subject as title.
        *(
            (text, "Export fails", None, text)
            for text in (
                *("Category: onboarding\n\nText", "Title: x\nText", "title page: x\n\nText"),
                "It fails.",
            )
        ),
    ],
)
def test_the_portals_form_says_title_category_and_urgency(
    text: str, title: str, category: str | None, description: str
) -> None:
    found = read_request_mail(make_mail(subject="Re: AW:  Export   fails", text=text))
    assert found.sender == "dana@acme.example"
    assert (found.title, found.category, found.description) == (title, category, description)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=\n=C3=9Fe =3D\n", "Grüße ="),
        (b"Content-Transfer-Encoding: base64\n\nR3LDvMOfZQ==\n", "Grüße"),
        (b"Content-Type: text/plain; charset=iso-8859-2\n\nCze\xb6\xe6\n", "Cześć"),
        (b"Content-Type: text/plain; charset=no-such\n\nGr\xc3\xbc\n", "Grü"),
        (b"Content-Type: text/plain; charset=utf-8\n\nGr\xff\n", "Gr\ufffd"),
        (
            b"Content-Type: text/plain; format=flowed\n\nOne \nline\n> quoted\n",
            "One line\n> quoted",
        ),
        (b"\r\nCRLF\r\nlines\r\n", "CRLF\nlines"),
        (b"\n", None),
    ],
)
def test_encodings_are_undone(source: bytes, text: str | None) -> None:
    assert read_request_mail(HEAD + source).description == text


def test_of_several_forms_the_plain_one_is_taken_and_attachments_are_whole() -> None:
    mail = message_from_bytes(make_mail(text="The plain text."), policy=default)
    mail.add_alternative("<p>The <b>HTML</b></p>", subtype="html")
    mail.add_attachment(b"\0" * 4_000_000, "image", "png", filename="screen.png")
    mail.add_attachment("notes", filename="a\tb.txt")
    found = read_request_mail(mail.as_bytes())
    assert found.description == "The plain text."
    assert [*found.files] == [("screen.png", b"\0" * 4_000_000), ("a\tb.txt", b"notes\n")]


def test_html_alone_is_read_as_text() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style><body><h1>Hi</h1><p>We use<br>it &amp; "
        "like&nbsp;it.</p><ul><li>one<li>two</ul><script>alert(1)</script>"
        '<a href="https://acme.example/x">here</a> <a href="javascript:x()">there</a>'
    )
    assert read_request_mail(HEAD + HTML + html.encode()).description == (
        "Hi\n\nWe use\nit & like it.\n\n- one\n- two\nhere (https://acme.example/x) there"
    )


@pytest.mark.parametrize(
    "text",
    [
        "if a < b and c > d: List<String> of <https://x.example>",
        'Our <REQ id="5">Brake</REQ> <style>x{}</style> <script src="a.js"></script> fails',
        "<title>T</title><iframe>inner</iframe><!-- hidden --><scr<b>ipt>",
        "one\n\n\n\n    indented\ttab\n-- no signature",
        "\u2067\u05d0\u2069 n\u200cj",
    ],
)
def test_plain_text_is_kept_letter_for_letter(text: str) -> None:
    assert read_request_mail(make_mail(text=text)).description == text


def test_a_signature_is_left_out_and_said() -> None:
    found = read_request_mail(make_mail(text="-- \nText\n-- \nDana\nAcme\n"))
    assert (found.description, found.remarks) == (
        "-- \nText",
        ("left out the signature: Dana Acme",),
    )
    long = "x\n-- \n" + "line\n" * 30
    assert read_request_mail(make_mail(text=long)).description == long.strip()


def test_what_no_file_may_hold_is_taken_out() -> None:
    assert clean_text("bell\x07 \x1b[31mred\r\nnext\u2028line") == "bell [31mred\nnext\nline"


@pytest.mark.parametrize(
    ("results", "is_taken"),
    [
        (["mx.example; dkim=fail; spf=fail"], False),
        (["mx.example; dkim=none; spf=fail smtp.mailfrom=x.example"], False),
        (["mx.example; dkim=pass; spf=pass; dmarc=fail"], False),
        (["mx.example; dkim=fail (body hash); spf=pass"], True),
        (["mx.example; spf=softfail"], True),
        (["mx.example; none", "mx.example; DKIM=FAIL"], False),
        (["mx.example; dkim=pass", "list.example; dkim=fail; spf=fail"], True),
        ([], True),
    ],
)
def test_a_mail_that_its_mailbox_found_forged_is_refused(
    results: list[str], is_taken: bool
) -> None:
    lines = "".join(f"Authentication-Results: {line}\n" for line in results).encode()
    if is_taken:
        assert read_request_mail(lines + HEAD + b"\ntext\n").title == "Export fails"
    else:
        with pytest.raises(LedgerError, match="is not from whom it says"):
            read_request_mail(lines + HEAD + b"\ntext\n")


@pytest.mark.parametrize(
    ("date", "sent"),
    [
        ("Fri, 20 Nov 2026 23:30:00 -0800", "2026-11-21T07:30:00+00:00"),
        ("Fri, 20 Nov 2026 23:30:00 -0000", "2026-11-20T23:30:00+00:00"),
        ("yesterday", None),
        ("Fri, 99 Nov 99999 23:30:00 +9999", None),
    ],
)
def test_a_mail_says_when_it_was_sent(date: str, sent: str | None) -> None:
    found = read_request_mail(b"Date: " + date.encode() + b"\n" + HEAD + b"\ntext\n")
    assert (found.sent and found.sent.astimezone(UTC).isoformat()) == sent


def test_format_flowed_keeps_signatures_and_stuffed_lines() -> None:
    assert unflow("a \nb\n From \n-- \nc", deletes_space=False) == "a b\nFrom -- \nc"
    assert unflow("a \nb", deletes_space=True) == "ab"


@pytest.mark.parametrize(
    "source",
    [
        b"Subject: x\n\nno sender\n",
        b"From: a@acme.example, b@acme.example\nSubject: x\n\ntwo\n",
        b"From: a@acme.example\nFrom: b@acme.example\nSubject: x\n\ntwo lines\n",
        b"From: undisclosed:;\nSubject: x\n\ngroup\n",
        b"From: dana\nSubject: x\n\nno address\n",
        HEAD + b"Auto-Submitted: auto-replied\n\nI am on holiday\n",
        b"From: dana@acme.example\n\nno subject\n",
        b"",
        b"\0" * 100,
        HEAD + b"\n" + b"x" * 50_001,
        HEAD + b"Content-Type: text/html\n\n" + b"<p>" * 200_000,
        b"x" * (MAX_MAIL_BYTES + 1),
    ],
)
def test_what_is_no_request_of_one_person_is_refused(source: bytes) -> None:
    with pytest.raises(LedgerError):
        read_request_mail(source)


def test_a_header_cannot_smuggle_lines_into_the_title() -> None:
    subject = b"Subject: =?utf-8?q?One=0D=0Acategory=3A_x=00?=\n more\n"
    found = read_request_mail(b"From: dana@acme.example\n" + subject + b"\ntext\n")
    assert "\n" not in found.title
    assert found.title.startswith("One category: x")


def test_a_long_title_is_shortened() -> None:
    found = read_request_mail(make_mail(subject="word " * 100))
    assert len(found.title) == 200
    assert found.title.endswith("…")


@pytest.mark.parametrize(
    ("start", "part", "times"),
    [
        (MULTIPART, b"--b\n" + MULTIPART, 3000),
        (MULTIPART, b"--b\n" + MULTIPART, 28),
        (MULTIPART, b"--b\n\n", 100_000),
        (MULTIPART, b"--b\n\n", 1_900),
        *((HTML, text, 400_000 // len(text)) for text in (b"<", b"<a ", b"<a>", b"<div>", b"<p>")),
        *((HTML, text, 400_000 // len(text)) for text in (b"<table><td>", b"<!--", b"<![", b"&#")),
        *((b"\n", text, 40_000) for text in (b"<style>", b"<<b>", b"<b", b"\n-- \n")),
        (b"Subject: ", b"=?utf-8?q?a?= ", 40_000),
        (b"Content-Type: text/plain; charset=punycode\n\n", b"a-", 190_000),
        (b"Content-Type: text/plain; name=", b'"', 400_000),
        (MULTIPART + b"--b\nContent-Disposition: attachment", b"; filename*0*=utf-8''%41", 40_000),
        (b"", b"X: y\n", 5_000_000),
        *((b"\n", text, 12_000_000 // len(text)) for text in (b"\r", b"x\n", b"A", b"\xff")),
        (MULTIPART + b"--b\n\n", b"A" * 76 + b"\n", 330_000),
        (MULTIPART, b"--b\n\n" + (b"A" * 76 + b"\n") * 9_900, 15),
        (b"Content-Transfer-Encoding: base64\n\n", b"A" * 76 + b"\n", 330_000),
        (b"\n", b"A" * 79 + b"\n", 140_000),
        *(
            (MULTIPART, b"--b\nContent-" + name + text * 900 + b"\n\nx\n", 1_900)
            for name in (b"Type: text/plain; name=", b"Disposition: attachment; filename=")
            for text in (b'"', b"=?utf-8?q?a?= ", b"(")
        ),
    ],
    ids=itertools.count(),
)
def test_hostile_mails_end_quickly_and_in_little_memory(
    start: bytes, part: bytes, times: int
) -> None:
    mail = b"From: dana@acme.example\n" + start + part * times
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with suppress(LedgerError):
        for _name, content in read_request_mail(mail).files:
            del content
    assert time.process_time() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize(
    "address",
    [
        b"a@b.example, " * 20_000,
        b"(" * 900,
        b'"' * 999,
        b"<" * 999,
        (b'"' * 990 + b"\nFrom: ") * 999,
    ],
)
def test_addresses_without_bounds_end_quickly(address: bytes) -> None:
    started = time.process_time()
    with pytest.raises(LedgerError):
        read_request_mail(b"Subject: x\nFrom: " + address + b"\n\ntext\n")
    assert time.process_time() - started < 2


@given(source=st.binary(max_size=300), kind=st.sampled_from([b"text/plain", b"text/html"]))
def test_no_mail_is_a_traceback(source: bytes, kind: bytes) -> None:
    for mail in (source, HEAD + source, HEAD + b"Content-Type: " + kind + b"\n\n" + source):
        try:
            found = read_request_mail(mail)
        except LedgerError:
            continue
        assert found.title
        assert "\n" not in found.title


@given(text=st.text(st.sampled_from([*"<>/bi! -\nx"]), max_size=60))
def test_the_text_of_html_holds_no_tag(text: str) -> None:
    cleaned = clean_html(text)
    assert not {"<b>", "</i>"} & {*cleaned.split()}
    assert clean_text(cleaned) == cleaned
