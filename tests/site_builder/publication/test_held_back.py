"""Whose data has errors keeps the last good portal; what concerns everybody stops everything."""

import pytest

from tests.conftest import write_files
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    LOOK,
    SECOND_WEEK,
    THIRD_WEEK,
    PublishedLedger,
    read_message,
)

HELD_BACK = ("held-back", FIRST_WEEK)
TAKES_A_KEY = {
    "customer.yml": "{name: Third, key: ONE, currency: USD}\n",
    "purchases.yml": "- {id: P1, date: 2026-01-12, punchcards: 1, amount: 1000.00}\n",
}


def test_a_customer_with_errors_keeps_the_last_good_portal_and_is_named(
    published: PublishedLedger,
) -> None:
    before = published.read("second")
    published.replace("second/purchases.yml", "amount: 2000.00", "amount: 1999.00")
    published.change()
    effects = published.find_effects(SECOND_WEEK, status=1)
    assert effects == {"first": ("published", SECOND_WEEK), "second": HELD_BACK}
    assert "customers/second/purchases.yml:1:" in published.ran.stderr
    assert published.read("second") == before
    shown = {slug: each["as_of"] for slug, each in published.manifest["portals"].items()}
    assert shown == {"first": SECOND_WEEK, "second": FIRST_WEEK}
    assert read_message(published, f"published/{SECOND_WEEK}").endswith("\nheld-back: second")
    published.require_tidy()


@pytest.mark.parametrize(
    ("files", "named", "effect"),
    [
        (
            {"second/adjustments.yml": "- {id: A1, type: gift, date: 2026-02-02, minutes: 60}\n"},
            *("second/adjustments.yml", HELD_BACK),
        ),
        ({"second/accounts.yml": "- {email: x\n"}, "second/accounts.yml", HELD_BACK),
        ({"second/invoice.pdf": "not a file of a ledger"}, "second/invoice.pdf", HELD_BACK),
        (
            {f"third/{name}": text for name, text in TAKES_A_KEY.items()},
            *("third/customer.yml:1:", ("held-back", None)),
        ),
    ],
    ids=["wrong-value", "no-yaml", "misplaced", "key-of-another"],
)
def test_whatever_is_wrong_in_a_customers_folder_concerns_that_customer_alone(
    published: PublishedLedger, files: dict[str, str], named: str, effect: tuple[str, str | None]
) -> None:
    write_files(published.root / "customers", files)
    published.commit()
    effects = published.find_effects(SECOND_WEEK, status=1)
    slug = named.partition("/")[0]
    assert (effects["first"], effects[slug]) == (("published", SECOND_WEEK), effect)
    assert f"customers/{named}" in published.ran.stderr
    assert (published.folder / slug).exists() == (effect == HELD_BACK)


def test_a_customer_whose_page_fails_is_held_back_with_the_reason(ledger: PublishedLedger) -> None:
    template = "{{ view.balance.no_such_figure.at_all if view.slug == 'first' }}"
    settings = LOOK + "  - punchcard: {templates: templates}\n"
    write_files(ledger.root, {"mkdocs.yml": settings, "look/x.txt": "x", "templates/x": "x"})
    ledger.commit()
    assert ledger.publish(FIRST_WEEK).status == 0
    before = ledger.read("first")
    write_files(ledger.root, {"templates/terms.html": template})
    ledger.commit()
    effects = ledger.find_effects(SECOND_WEEK, status=1)
    assert effects == {"first": HELD_BACK, "second": ("published", SECOND_WEEK)}
    assert "no_such_figure" in ledger.ran.stdout
    assert ledger.read("first") == before


def test_nothing_is_published_if_every_customer_is_held_back(published: PublishedLedger) -> None:
    for slug in ("first", "second"):
        published.replace(f"{slug}/purchases.yml", "amount: 2000.00", "amount: 1999.00")
    published.commit()
    published.refuse(SECOND_WEEK, said="changed-history", status=1)
    assert "nothing was published: 2 held back" in published.ran.stdout
    published.require_tidy()


def test_altered_history_holds_back_until_it_is_put_back_or_meant(
    published: PublishedLedger,
) -> None:
    published.replace("second/time/2026-02-ben.yml", "minutes: 90", "minutes: 75")
    published.commit()
    # What was held back was not published: a week later it is still an alteration.
    for week in (SECOND_WEEK, THIRD_WEEK):
        assert published.find_effects(week, status=1)["second"] == HELD_BACK
        assert "changed-history" in published.ran.stderr
        assert "minutes 90 -> 75" in published.ran.stderr
    effects = published.find_effects(THIRD_WEEK, "--since", "HEAD")
    assert effects["second"] == ("published", THIRD_WEEK)


def test_altered_history_holds_back_whatever_the_folder_is_called_now(
    published: PublishedLedger,
) -> None:
    published.replace("second/time/2026-02-ben.yml", "minutes: 90", "minutes: 75")
    published.commit()
    assert published.publish(SECOND_WEEK).status == 1
    published.git("mv", "customers/second", "customers/renamed")
    published.commit()
    for week in (SECOND_WEEK, THIRD_WEEK):
        assert published.find_effects(week, status=1)["renamed"][0] == "held-back"
        assert "minutes 90 -> 75" in published.ran.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terms.yml", "- effective: never\n"),
        ("Strange Customer/customer.yml", "name: X\n"),
        ("provider.yml", "name: X\nunknown: y\n"),
    ],
)
def test_what_concerns_everybody_stops_everything(
    published: PublishedLedger, name: str, text: str
) -> None:
    write_files(published.root / "customers", {name: text})
    published.commit()
    published.refuse(SECOND_WEEK, said=f"customers/{name.partition('/')[0]}", status=1)


def test_terms_that_were_in_force_are_not_altered_silently(published: PublishedLedger) -> None:
    published.replace("terms.yml", "low_balance_minutes: 60", "low_balance_minutes: 90")
    published.commit()
    published.refuse(SECOND_WEEK, said="changed-history", status=1)
