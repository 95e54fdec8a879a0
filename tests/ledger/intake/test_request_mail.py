from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.intake.mail import MAX_MAIL_BYTES, read_request_mail
from ledger.intake.mail_text import clean_html, clean_text, unflow

HEAD = b"From: Dana <Dana@acme.example>\nTo: help@tools.example\nSubject: Export fails\n"
HTML = b"Content-Type: text/html\n\n"
MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\n"


def make_mail(text: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Dana Whitfield <dana@acme.example>"
    mail["Subject"] = "Export fails"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def test_the_portals_form_says_title_category_and_urgency() -> None:
    text = "Title: Single sign-on: SAML\nCategory: Product configuration\nUrgency: this week\n"
    found = read_request_mail(make_mail(f"{text}\nWe would like …\n\nSoon.\n").as_bytes())
    assert (found.sender, found.title) == ("dana@acme.example", "Single sign-on: SAML")
    assert found.category == "product-configuration"
    assert found.description == "Urgency: this week\n\nWe would like …\n\nSoon."


def test_the_form_needs_its_title_and_the_blank_line() -> None:
    for text in ("Category: onboarding\n\nText", "Title: x\nText", "title page: x\n\nText"):
        found = read_request_mail(make_mail(text).as_bytes())
        assert (found.title, found.category, found.description) == ("Export fails", None, text)


def test_any_other_mail_has_its_subject_as_title() -> None:
    found = read_request_mail(
        make_mail("It fails.\n", Subject="Re: AW:  Export   fails").as_bytes()
    )
    assert (found.title, found.category, found.description) == ("Export fails", None, "It fails.")


def test_an_unknown_category_is_refused_with_the_nearest() -> None:
    mail = make_mail("Title: x\nCategory: product-trainning\n\nText")
    with pytest.raises(LedgerError) as refused:
        read_request_mail(mail.as_bytes())
    assert refused.value.hint == "did you mean product-training?"


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
        (b"\nText\n-- \nDana\nAcme\n", "Text"),
        (b"\r\nCRLF\r\nlines\r\n", "CRLF\nlines"),
        (b"\n", None),
    ],
)
def test_encodings_are_undone(source: bytes, text: str | None) -> None:
    assert read_request_mail(HEAD + source).description == text


def test_of_several_forms_the_plain_one_is_taken_and_attachments_are_named() -> None:
    mail = make_mail("The plain text.")
    mail.add_alternative("<p>The <b>HTML</b></p>", subtype="html")
    mail.add_attachment(b"\0" * 10, maintype="image", subtype="png", filename="screen.png")
    mail.add_attachment("notes", filename="a\tb.txt")
    found = read_request_mail(mail.as_bytes())
    assert found.description == "The plain text."
    assert found.remarks == ("left out 2 attachments: screen.png, a b.txt",)


def test_html_alone_is_read_as_text() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style><body><h1>Hi</h1><p>We use<br>it &amp; "
        "like&nbsp;it.</p><ul><li>one<li>two</ul><script>alert(1)</script>"
        '<a href="https://acme.example/x">here</a> <a href="javascript:x()">there</a>'
    )
    mail = EmailMessage()
    mail["From"] = "dana@acme.example"
    mail["Subject"] = "x"
    mail.set_content(html, subtype="html")
    assert read_request_mail(mail.as_bytes()).description == (
        "Hi\n\nWe use\nit & like it.\n\n- one\n- two\nhere (https://acme.example/x) there"
    )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("<script>alert(1)</script>Hi <b>there</b>", "Hi there"),
        ("<scr<b>ipt>alert(1)</scr</b>ipt>", "alert(1)"),
        ("<scr\x00ipt>x</scr\x00ipt>y", "y"),
        ("<img src=x onerror=alert(1)>z", "z"),
        ("<IFRAME/src=x>z", "z"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("List<String> and <https://x.example>", "List<String> and <https://x.example>"),
        ("our <style> tag is lost", "our  tag is lost"),
        ("pay\u202etxt.exe", "paytxt.exe"),
        ("bell\x07 tab\there", "bell tab    here"),
        ("<!-- hidden -->seen", "seen"),
        ("a\n\n\n\n\nb  \n", "a\n\nb"),
        ("n\u200cj", "n\u200cj"),
    ],
)
def test_markup_and_controls_are_taken_out_of_plain_text(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


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
    found = read_request_mail(make_mail("x", Subject="word " * 100).as_bytes())
    assert len(found.title) == 200
    assert found.title.endswith("…")


@pytest.mark.parametrize(
    "hostile",
    [
        MULTIPART + (b"--b\n" + MULTIPART) * 3000,
        MULTIPART + (b"--b\n" + MULTIPART) * 28,
        MULTIPART + b"--b\n\n" * 100_000,
        MULTIPART + b"--b\n\n" * 1_900,
        HTML + b"<" * 100_000,
        HTML + b"<a " * 100_000,
        HTML + b"<a>" * 100_000,
        HTML + b"<div>" * 80_000,
        HTML + b"<p>" * 100_000,
        HTML + b"<table><td>" * 30_000,
        HTML + b"<!--" * 100_000,
        HTML + b"<![" * 100_000,
        HTML + b"&#" * 50_000,
        b"\n" + b"<style>" * 50_000,
        b"\n" + b"<<b>" * 100_000,
        b"\n" + b"<b" * 180_000 + b">" * 1_000,
    ],
)
def test_hostile_mails_end_quickly(hostile: bytes) -> None:
    started = time.perf_counter()
    try:
        found = read_request_mail(HEAD + hostile)
    except LedgerError:
        pass
    else:
        assert "<b>" not in (found.description or "")
    assert time.perf_counter() - started < 5


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
def test_cleaning_leaves_no_tag_and_nothing_to_clean(text: str) -> None:
    for cleaned in (clean_text(text), clean_html(text)):
        assert "<b>" not in cleaned
        assert "</i>" not in cleaned
        assert clean_text(cleaned) == cleaned
