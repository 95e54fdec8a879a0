"""Requests are answered and hours ordered in place, by mails that the ledger's reader takes."""

from tests.browser.conftest import OpenPage
from tests.browser.looks import PAGES, Look
from tests.browser.test_new_request import CATCH_MAIL, list_mails, read_link, read_mail


def test_an_answer_names_its_request(open_page: OpenPage) -> None:
    """The form is open where it is the customer's turn; the usual urgency is not mentioned."""
    page = open_page().go(PAGES["answer"])
    page.evaluate(CATCH_MAIL)
    assert page.locator("blockquote").inner_text().startswith("Please comment on the draft")
    page.get_by_role("button", name="Write the e-mail").click()
    assert page.get_by_text("Write what you want to say.").is_visible()
    page.get_by_label("Text", exact=True).first.fill("Fine with us.\nSee you & bye!")
    page.get_by_role("button", name="Write the e-mail").click()
    (link,) = list_mails(page)
    subject = "[ACME-13] Coaching on change impact analysis"
    assert read_link(link) == (subject, "Fine with us.\nSee you & bye!")
    assert read_mail(link).request == "ACME-13"
    page.get_by_label("Urgency").select_option("high")
    page.get_by_role("button", name="Write the e-mail").click()
    assert read_link(list_mails(page)[-1])[1].startswith("Urgency: high\n\nFine with us.")


def test_drafts_of_requests_do_not_meet(open_page: OpenPage) -> None:
    """And what is restored is shown, even where the form is folded in."""
    visit = open_page()
    page = visit.go("acme/requests/ACME-14.html")
    page.get_by_text("Write to us about this").click()
    page.get_by_label("Text", exact=True).first.fill("No hurry.")
    visit.go(PAGES["answer"])
    assert page.get_by_label("Text", exact=True).first.input_value() == ""
    visit.go("acme/requests/ACME-14.html")
    assert page.get_by_label("Text", exact=True).first.input_value() == "No hurry."
    assert page.get_by_text("This is a draft").is_visible()
    page.get_by_role("button", name="Discard it").click()
    assert page.get_by_text("The draft is gone.").is_visible()
    page.reload()
    assert not page.get_by_text("This is a draft").is_visible()


def test_without_a_script_there_is_a_mail_and_no_form(open_page: OpenPage) -> None:
    visit = open_page(Look(script=False))
    for path in (PAGES["answer"], PAGES["buy-hours"]):
        page = visit.go(path)
        link = page.get_by_role("link", name="help@tracewell.example").first
        assert link.is_visible()
        assert (link.get_attribute("href") or "").startswith("mailto:help@tracewell.example?subj")
        assert not page.locator("form[data-mail-form]").is_visible()


def test_an_order_says_how_many_and_for_which_purchase_order(open_page: OpenPage) -> None:
    page = open_page().go(PAGES["buy-hours"])
    page.evaluate(CATCH_MAIL)
    page.get_by_label("How many").select_option("2")
    page.get_by_label("Number of your purchase order").fill("PO-7731")
    page.get_by_role("button", name="Write the e-mail").click()
    (link,) = list_mails(page)
    facts = "Punchcards: 2\nPrice: 2000.00 USD\nPO: PO-7731"
    assert read_link(link) == ("Buy hours", f"Title: Buy hours\n\n{facts}")
    mail = read_mail(link)
    assert (mail.title, mail.category, mail.description) == ("Buy hours", None, facts)
