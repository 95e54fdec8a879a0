"""People with an account are added, replaced and let in again from the page of accounts."""

from tests.browser.conftest import OpenPage
from tests.browser.looks import PAGES, Look
from tests.browser.test_new_request import CATCH_MAIL, list_mails, read_link, read_mail


def test_a_person_is_replaced_by_a_form_that_is_filled_in_so_far(open_page: OpenPage) -> None:
    page = open_page().go(PAGES["dates"])
    page.evaluate(CATCH_MAIL)
    assert page.get_by_text("2 of 3 accounts are in use. You can add somebody.").is_visible()
    assert not page.get_by_label("Wish").is_visible()
    page.get_by_role("row", name="Tomás Herrera").get_by_role("link", name="Replace").click()
    wish = "Replace Tomás Herrera (tomas@acme.example)"
    assert page.get_by_label("Wish").input_value() == wish
    page.get_by_label("New person", exact=True).fill("Ines O'Hara & Co")
    page.get_by_label("E-mail address of the new person").fill("ines@acme.example")
    page.get_by_role("button", name="Write the e-mail").click()
    (link,) = list_mails(page)
    text = f"Wish: {wish}\nNew person: Ines O'Hara & Co\n"
    text += "E-mail address of the new person: ines@acme.example"
    assert read_link(link) == (
        "Accounts of the portal", f"Title: Accounts of the portal\n\n{text}"
    )  # fmt: skip
    mail = read_mail(link)
    assert (mail.title, mail.description) == ("Accounts of the portal", text)


def test_who_was_disabled_is_let_in_again(open_page: OpenPage) -> None:
    page = open_page().go(PAGES["dates"])
    page.evaluate(CATCH_MAIL)
    page.get_by_role("link", name="Let in again").click()
    page.get_by_role("button", name="Write the e-mail").click()
    assert "Let Priya Raman in again (priya@acme.example)" in read_link(list_mails(page)[0])[1]
    page.get_by_role("link", name="Add a person").click()
    assert page.get_by_label("Wish").input_value() == "Add a person"


def test_without_a_script_each_wish_is_a_mail(open_page: OpenPage) -> None:
    page = open_page(Look(script=False)).go(PAGES["dates"])
    link = page.get_by_role("link", name="Let in again").get_attribute("href")
    mail = read_mail(link or "")
    assert mail.title == "Accounts of the portal"
    assert (mail.description or "").startswith(
        "Wish: Let Priya Raman in again (priya@acme.example)\nNew person:"
    )
    assert page.locator("form[data-mail-form]").is_hidden()
