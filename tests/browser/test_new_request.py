"""The form for a new request: the question first, then an e-mail that the ledger's reader takes."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from ledger.intake.mail import CustomerMessage, read_request_mail
from tests.browser.conftest import OpenPage
from tests.browser.looks import Look

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATH = "acme/new-request.html"
TITLE = "Single sign-on & “more” = 100 % + ümlaut"
DESCRIPTION = "First line.\n\n-- \nTitle: not a title\na < b, #hash, مرحبا"
# A click on the link would ask the system for a mail program; here it is only noted.
CATCH_MAIL = """() => {
    const link = document.querySelector("[data-mail-link]");
    link.addEventListener("click", event => {
        event.preventDefault();
        window.mails = [...(window.mails ?? []), link.href];
    });
}"""


def begin(open_page: OpenPage) -> Page:
    """Answer the question so that the form is there."""
    page = open_page().go(PATH)
    page.get_by_label("No, or I am not sure").check()
    page.evaluate(CATCH_MAIL)
    return page


def fill_in(page: Page, category: str = "product-configuration", text: str = DESCRIPTION) -> None:
    """Fill in the whole form, and send it off."""
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Category").select_option(category)
    page.get_by_label("Description").fill(text)
    page.get_by_label("Urgency").select_option("high")
    page.get_by_role("button", name="Write the e-mail").click()


def list_mails(page: Page) -> list[str]:
    """Return the links that were opened."""
    return list(page.evaluate("() => window.mails ?? []"))


def read_link(link: str) -> tuple[str, str]:
    """Return the subject and the text of a mail."""
    parts = urlsplit(link)
    assert (parts.scheme, unquote(parts.path)) == ("mailto", "help@tracewell.example")
    fields = parse_qs(parts.query)
    return fields["subject"][0], fields["body"][0].replace("\r\n", "\n")


def read_mail(link: str) -> CustomerMessage:
    """Return what the ledger's reader understands of a mail that a mail program makes."""
    subject, body = read_link(link)
    message = EmailMessage()
    message["From"] = "dana@acme.example"
    message["Subject"] = subject
    message.set_content(body)
    return read_request_mail(message.as_bytes())


def test_the_mail_is_understood(open_page: OpenPage) -> None:
    """Title, category, urgency and every line of the description arrive as they were written."""
    page = begin(open_page)
    fill_in(page)
    (link,) = list_mails(page)
    mail = read_mail(link)
    assert (mail.title, mail.category) == (TITLE, "product-configuration")
    assert mail.urgency == "high"
    assert mail.description is not None
    assert mail.description.startswith("First line.")
    assert mail.description.endswith("Title: not a title\na < b, #hash, مرحبا")


def test_who_is_not_sure_names_no_category(open_page: OpenPage) -> None:
    page = begin(open_page)
    fill_in(page, category="unsure")
    assert read_mail(list_mails(page)[0]).category is None


def test_the_text_can_be_copied(open_page: OpenPage) -> None:
    """It is what the mail says, and it follows what is typed afterwards."""
    page = begin(open_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fill_in(page)
    page.get_by_label("Title").fill("Another title")
    page.get_by_role("button", name="Copy the text").click()
    page.get_by_text("Copied.").wait_for()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("Title: Another title\nCategory: product-configuration\nUrgency: ")
    assert copied == page.get_by_label("Text", exact=True).input_value()


def test_a_long_text_is_not_cut_off_silently(open_page: OpenPage) -> None:
    """Mail programs cut long links, so it is copied, which is said, and nothing is opened."""
    page = begin(open_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fill_in(page, text="word " * 1_000)
    assert list_mails(page) == []
    page.get_by_text("so it was copied").wait_for()
    assert "word word" in page.evaluate("() => navigator.clipboard.readText()")
    assert len(page.get_by_label("Text", exact=True).input_value()) > 5_000
    link = page.locator("[data-mail-link]").get_attribute("href") or ""
    assert len(link) < 1_900
    assert "Paste the text" in unquote(link)


def test_it_is_said_that_a_long_text_could_not_be_copied(open_page: OpenPage) -> None:
    page = begin(open_page)
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject();"
        " document.execCommand = () => false; }"
    )
    fill_in(page, text="word " * 1_000)
    page.get_by_text("and it is not copied: copy it below").wait_for()
    assert not page.get_by_text("should have opened").is_visible()


def test_a_draft_survives_a_reload_until_it_is_sent(open_page: OpenPage) -> None:
    """It is this tab's alone, and the page says that it is there, and that it is gone."""
    page = begin(open_page)
    note = page.get_by_text("This is a draft that you began in this tab.")
    assert not note.is_visible()
    fill_in(page, category="detailed-qa")
    page.reload()
    assert note.is_visible()
    assert page.get_by_label("Title").input_value() == TITLE
    assert page.get_by_label("Description").input_value() == DESCRIPTION
    assert page.get_by_label("Category").input_value() == "detailed-qa"
    page.evaluate(CATCH_MAIL)
    page.get_by_role("button", name="Write the e-mail").click()
    page.get_by_role("button", name="It is sent: clear the form").click()
    assert page.get_by_text("The draft is gone.").is_visible()
    page.reload()
    assert not note.is_visible()
    assert not page.get_by_label("Title").is_visible()
    assert page.get_by_label("Title").input_value() == ""


def test_what_is_missing_is_marked_and_mended_while_typing(open_page: OpenPage) -> None:
    """The first of it has the focus; a field is not called wrong before it was left."""
    page = begin(open_page)
    title = page.get_by_label("Title")
    assert title.get_attribute("aria-invalid") is None
    page.get_by_role("button", name="Write the e-mail").click()
    assert list_mails(page) == []
    assert page.evaluate("() => document.activeElement.name") == "title"
    assert title.get_attribute("aria-invalid") == "true"
    error = page.get_by_text("Give it a title.")
    assert error.is_visible()
    assert (error.get_attribute("id") or "-") in (title.get_attribute("aria-describedby") or "")
    title.fill("   ")
    assert error.is_visible()
    title.fill("A title")
    assert not error.is_visible()
    assert title.get_attribute("aria-invalid") is None


def test_a_general_question_leads_to_support(open_page: OpenPage) -> None:
    """The form goes away, and comes back with another answer."""
    page = open_page().go(PATH)
    assert not page.get_by_label("Title").is_visible()
    page.get_by_label("Yes, others may well ask the same").check()
    support = page.get_by_role("link", name="https://support.tracewell.example")
    assert support.is_visible()
    assert not page.get_by_label("Title").is_visible()
    page.get_by_label("No, or I am not sure").check()
    assert not support.is_visible()
    assert page.get_by_label("Title").is_visible()


def test_without_script_the_page_says_where_to_write_to(open_page: OpenPage) -> None:
    page = open_page(Look(script=False)).go(PATH)
    assert page.get_by_role("link", name="help@tracewell.example").is_visible()
    assert page.get_by_role("link", name="https://support.tracewell.example").is_visible()
    assert not page.locator("form[data-mail-form]").is_visible()
    assert not page.get_by_label("No, or I am not sure").is_visible()


def test_the_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    """Enter in a field of one line sends the form off."""
    page = begin(open_page)
    fill_in(page)
    page.get_by_label("Title").press("Enter")
    assert len(list_mails(page)) == 2
