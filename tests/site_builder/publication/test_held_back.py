"""Whose data has errors keeps the last good portal; what concerns everybody stops everything."""

from __future__ import annotations

import pytest

from tests.conftest import write_files
from tests.site_builder.publication.conftest import Publish, Week
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    LOOK,
    SECOND_WEEK,
    THIRD_WEEK,
    PublishedLedger,
    read_effects,
    read_message,
)


def test_a_customer_with_errors_keeps_the_last_good_portal_and_is_named(
    first_week: Week, publish: Publish
) -> None:
    ledger, before = first_week.ledger, first_week.ledger.read("second")
    ledger.log("first", "New this week")
    ledger.replace("second/purchases.yml", "amount: 2000.00", "amount: 1999.00")
    ledger.commit()
    ran = publish(SECOND_WEEK, "--format", "json")
    assert ran.status == 1
    assert read_effects(ran.stdout) == {
        "first": ("published", SECOND_WEEK),
        "second": ("held-back", FIRST_WEEK),
    }
    assert "customers/second/purchases.yml:1:" in ran.stderr
    assert ledger.read("second") == before
    assert ledger.manifest["portals"]["second"]["as_of"] == FIRST_WEEK
    assert ledger.manifest["portals"]["first"]["as_of"] == SECOND_WEEK
    assert read_message(ledger, f"published/{SECOND_WEEK}").endswith("\nheld-back: second")
    ledger.require_tidy()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("second/adjustments.yml", "- {id: A1, type: gift, date: 2026-02-02, minutes: 60}\n"),
        ("second/accounts.yml", "- {email: x\n"),
        ("second/invoice.pdf", "not a file of a ledger"),
    ],
    ids=["wrong-value", "no-yaml", "misplaced"],
)
def test_whatever_is_wrong_in_a_customers_folder_concerns_that_customer_alone(
    first_week: Week, publish: Publish, name: str, text: str
) -> None:
    ledger = first_week.ledger
    write_files(ledger.root / "customers", {name: text})
    ledger.commit()
    ran = publish(SECOND_WEEK, "--format", "json")
    assert ran.status == 1
    effects = read_effects(ran.stdout)
    assert effects["first"] == ("published", SECOND_WEEK)
    assert effects["second"] == ("held-back", FIRST_WEEK)
    assert f"customers/{name}" in ran.stderr


def test_a_customer_who_takes_the_key_of_another_one_is_held_back(
    first_week: Week, publish: Publish
) -> None:
    ledger = first_week.ledger
    bought = "- {id: P1, date: 2026-01-12, punchcards: 1, amount: 1000.00}\n"
    write_files(
        ledger.root / "customers/third",
        {"customer.yml": "{name: Third, key: ONE, currency: USD}\n", "purchases.yml": bought},
    )
    ledger.commit()
    ran = publish(SECOND_WEEK, "--format", "json")
    assert ran.status == 1
    assert read_effects(ran.stdout)["first"] == ("published", SECOND_WEEK)
    assert read_effects(ran.stdout)["third"] == ("held-back", None)
    assert "customers/third/customer.yml:1:" in ran.stderr
    assert not (ledger.folder / "third").exists()


def test_a_customer_whose_page_fails_is_held_back_with_the_reason(
    ledger: PublishedLedger, publish: Publish
) -> None:
    template = "{{ view.balance.no_such_figure.at_all if view.slug == 'first' }}"
    settings = LOOK + "  - punchcard: {templates: templates}\n"
    write_files(ledger.root, {"mkdocs.yml": settings, "look/x.txt": "x", "templates/x": "x"})
    ledger.commit()
    assert publish(FIRST_WEEK).status == 0
    before = ledger.read("first")
    write_files(ledger.root, {"templates/terms.html": template})
    ledger.commit()
    ran = publish(SECOND_WEEK, "--format", "json")
    assert ran.status == 1
    assert read_effects(ran.stdout)["first"] == ("held-back", FIRST_WEEK)
    assert read_effects(ran.stdout)["second"] == ("published", SECOND_WEEK)
    assert "no_such_figure" in ran.stdout
    assert ledger.read("first") == before


def test_nothing_is_published_if_every_customer_is_held_back(
    first_week: Week, publish: Publish
) -> None:
    ledger, before = first_week.ledger, first_week.ledger.read_all()
    for slug in ("first", "second"):
        ledger.replace(f"{slug}/purchases.yml", "amount: 2000.00", "amount: 1999.00")
    ledger.commit()
    ran = publish(SECOND_WEEK)
    assert ran.status == 1
    assert "nothing was published: 2 held back" in ran.stdout
    assert ledger.read_all() == before
    assert ledger.tags == [f"published/{FIRST_WEEK}"]
    ledger.require_tidy()


def test_altered_history_holds_back_until_it_is_put_back_or_meant(
    first_week: Week, publish: Publish
) -> None:
    ledger = first_week.ledger
    base = ledger.git("rev-parse", "HEAD")
    ledger.replace("second/time/2026-02-ben.yml", "minutes: 90", "minutes: 75")
    ledger.commit()
    ran = publish(SECOND_WEEK, "--format", "json")
    assert (ran.status, read_effects(ran.stdout)["second"]) == (1, ("held-back", FIRST_WEEK))
    assert "changed-history" in ran.stderr
    assert "minutes 90 -> 75" in ran.stderr
    # What was held back was not published: a week later it is still an alteration.
    ran = publish(THIRD_WEEK, "--format", "json")
    assert (ran.status, read_effects(ran.stdout)["second"]) == (1, ("held-back", FIRST_WEEK))
    ran = publish(THIRD_WEEK, "--since", "HEAD", "--format", "json")
    assert (ran.status, read_effects(ran.stdout)["second"]) == (0, ("published", THIRD_WEEK))
    assert base in ledger.git("rev-list", "HEAD")


def test_altered_history_holds_back_whatever_the_folder_is_called_now(
    first_week: Week, publish: Publish
) -> None:
    ledger = first_week.ledger
    ledger.replace("second/time/2026-02-ben.yml", "minutes: 90", "minutes: 75")
    ledger.commit()
    assert publish(SECOND_WEEK).status == 1
    ledger.git("mv", "customers/second", "customers/renamed")
    ledger.commit()
    for week in (SECOND_WEEK, THIRD_WEEK):
        ran = publish(week, "--format", "json")
        assert (ran.status, read_effects(ran.stdout)["renamed"][0]) == (1, "held-back")
        assert "minutes 90 -> 75" in ran.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terms.yml", "- effective: never\n"),
        ("Strange Customer/customer.yml", "name: X\n"),
        ("provider.yml", "name: X\nunknown: y\n"),
    ],
)
def test_what_concerns_everybody_stops_everything(
    first_week: Week, publish: Publish, name: str, text: str
) -> None:
    ledger, before = first_week.ledger, first_week.ledger.read_all()
    write_files(ledger.root / "customers", {name: text})
    ledger.commit()
    ran = publish(SECOND_WEEK)
    assert ran.status == 1
    assert f"customers/{name.partition('/')[0]}" in ran.stderr
    assert ledger.read_all() == before
    assert ledger.tags == [f"published/{FIRST_WEEK}"]


def test_terms_that_were_in_force_are_not_altered_silently(
    first_week: Week, publish: Publish
) -> None:
    ledger, before = first_week.ledger, first_week.ledger.read_all()
    ledger.replace("terms.yml", "low_balance_minutes: 60", "low_balance_minutes: 90")
    ledger.commit()
    ran = publish(SECOND_WEEK)
    assert ran.status == 1
    assert "changed-history" in ran.stderr
    assert ledger.read_all() == before
