"""``customer edit``, ``consultant`` and ``terms``: the layout stays, the rules decide."""

import shutil
from pathlib import Path

import pytest

from ledger.files.yaml import parse_yaml
from tests.conftest import Commands, RunPunchcard, commit_all, start_repository
from tests.ledger.writing.small_ledger import CUSTOMER, ORGANIZATION

TERMS = "customers/terms.yml"
ADD_TERMS = ("terms", "add", "--from")


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        (["--name", "Acme, Inc"], "name: Acme Robotics\n", "name: Acme, Inc\n"),
        (["--language", "de"], "currency: USD\n", "currency: USD\nlanguage: de\n"),
        (["--overdraft", "2h"], "currency: USD\n", "currency: USD\noverdraft_minutes: 120\n"),
        (
            *(["--licence", "Trace", "commercial", "2028-03-31"], "commercial}"),
            "commercial, until: 2028-03-31}",
        ),
        (
            ["--licence", "Trace", "academic", "-", "--service", "Rollout", "2026-06-30"],
            "commercial}\n",
            "commercial}\n  - {product: Trace, type: academic}\n"  # noqa: ISC004  # one text
            "services:\n  - name: Rollout\n    completed: 2026-06-30\n",
        ),
    ],
)
def test_a_customer_is_edited_and_all_else_stays(
    run: Commands, options: list[str], before: str, after: str
) -> None:
    path = run.root / "customers/acme/customer.yml"
    path.write_text(f"# Robots.\n{path.read_text()}")
    run.git("commit", "--quiet", "--all", "--message=Comment")
    expected = path.read_text().replace(before, after, 1)
    edit = ("customer", "edit", "acme", *options)
    run.done(*edit, "--dry-run")
    assert run.git("status", "--porcelain") == ""
    run.done(*edit, "--commit")
    assert path.read_text() == expected
    assert run.git("show", "--format=", "--name-only") == "customers/acme/customer.yml"
    assert run("check").status == 0


def test_a_language_that_we_do_not_speak_is_remarked_on(run: Commands) -> None:
    """It is not refused: a look may have texts of its own."""
    edit = ("customer", "edit", "acme", "--dry-run", "--language")
    assert "no texts of 'tlh': the look needs a tlh.toml" in run(*edit, "tlh").stdout
    assert "no texts" not in run(*edit, "fr-CA").stdout


def test_what_is_edited_can_be_taken_back(run: Commands) -> None:
    path = run.root / "customers/acme/customer.yml"
    assert run("customer", "edit", "acme", "--overdraft", "1h", "--language", "de").status == 0
    assert run("customer", "edit", "acme", "--overdraft", "-", "--language", "-").status == 0
    assert "\nlanguage:\noverdraft_minutes:\n" in path.read_text()
    assert run("check").status == 0
    assert (run("customer", "edit", "acme").status) == 2


def test_a_consultant_may_log_time_at_once(run: Commands) -> None:
    add = ("consultant", "add", "noor", "Noor Haddad", "noor@example.com")
    said = run.json(*add, "--commit")
    assert (said["name"], said["balance"]) == ("noor", None)
    assert run.git("log", "-1", "--format=%s") == "add consultant noor"
    new = "- {handle: noor, name: Noor Haddad, emails: [noor@example.com]}\n"
    people = (run.root / "customers/consultants.yml").read_text()
    assert people == ORGANIZATION["customers/consultants.yml"] + new
    assert run("log", "acme", "1", "15m", "-m", "x", "--as", "noor").status == 0
    rows = [(row["handle"], row["until"]) for row in run.json("consultant", "list")]
    assert rows[2:] == [("zoe", "2026-03-31"), ("noor", None)]
    again = ("consultant", "add", "nora", "Nora", "NOOR@example.com")
    assert "is an address of 'noor' already" in run.refuse(*again, status=1)


def test_new_terms_are_a_copy_with_what_is_said_changed(run: Commands) -> None:
    more = ("--price", "USD=1100", "--set", "punchcard_validity_months=24", "--commit")
    run.done(*ADD_TERMS, "2027-01-01", *more)
    before = ORGANIZATION[TERMS]
    copy = before.replace("2026-01-01", "2027-01-01").replace("1000.00", "1100.00")
    copy = copy.replace("punchcard_validity_months:", "punchcard_validity_months: 24")
    assert (run.root / TERMS).read_text() == before + copy
    said = "new terms from 2027-01-01: 1100.00 USD a card, punchcard_validity_months 24"
    assert run.git("log", "-1", "--format=%s") == said
    bought = run("buy", "acme", "1", "--as-of", "2027-01-02", "--dry-run")
    assert "for 1100.00 USD" in bought.stdout


def test_what_the_terms_charge_for_is_copied_too(tmp_path: Path, punchcard: RunPunchcard) -> None:
    firm = Path(__file__).parents[2] / "example_ledgers/valid/law-firm/customers"
    run = Commands(punchcard, start_repository(tmp_path / "firm"))
    shutil.copytree(firm, run.root / "customers")
    commit_all(run.root)
    run.done(*ADD_TERMS, "2040-01-01", "--set", "account_limit=4")
    before, after = parse_yaml((run.root / TERMS).read_bytes())[-2:]
    changed = {key for key in before if before[key] != after.get(key)}
    assert changed == {"effective", "account_limit"}
    assert after["categories"][-1]["charged"] == "false"


@pytest.mark.parametrize(
    ("first", "options", "status", "said"),
    [
        ("2026-06-29", (), 1, "changed-history"),
        ("2026-06-30", ("--set", "punchcard_minutes=240"), 2, "acme bought punchcards today"),
        ("2026-07-01", ("--set", "increment_minute=30"), 2, "did you mean increment_minutes?"),
        ("2026-07-01", ("--set", "foo=1"), 2, "there are effective, punchcard_minutes,"),
        ("2026-07-01", ("--set", "account_limit=-"), 1, "the key 'account_limit' is missing"),
        ("2026-07-01", ("--price", "JPY=10.50"), 1, "JPY has none"),
        ("2026-07-01", ("--price", "EUR"), 2, "write it like EUR=980"),
        ("2026-07-01", ("--set", "EUR"), 2, "write KEY=VALUE"),
    ],
)
def test_terms_that_change_what_is_recorded_or_say_nonsense_are_refused(
    run: Commands, first: str, options: tuple[str, ...], status: int, said: str
) -> None:
    assert run("buy", "acme", "1").status == 0
    for more in ((), ("--commit",)):
        assert said in run.refuse(*ADD_TERMS, first, *options, *more, status=status)
    assert (run.root / TERMS).read_text() == ORGANIZATION[TERMS]


def test_new_terms_name_another_agreement_or_keep_the_one_in_force(run: Commands) -> None:
    link = "https://tools.example/terms/2027-01"
    said = run.done(*ADD_TERMS, "2027-01-01", "--agreement", "2027-01", link)
    assert "new terms from 2027-01-01: agreement 2027-01" in said
    assert run(*ADD_TERMS, "2028-01-01").status == 0
    line = f"  agreement: {{version: 2027-01, link: {link}}}\n"
    assert (run.root / TERMS).read_text().count(line) == 2
    day = ("--as-of", "2027-01-02")
    assert run("buy", "acme", "1", "--commit", *day).status == 0
    assert "\n  agreement     2027-01\n" in run.done("show", "acme", "P2", *day)


def test_terms_that_records_of_today_break_are_refused(run: Commands) -> None:
    assert run("log", "acme", "1", "15m", "-m", "x").status == 0
    terms = (*ADD_TERMS, "2026-06-30", "--set", "increment_minutes=30")
    assert "time-increment" in run.refuse(*terms, status=1)


def test_errors_of_a_customer_keep_nobody_from_adding_a_consultant(run: Commands) -> None:
    path = run.root / "customers/acme/purchases.yml"
    path.write_text(CUSTOMER["customers/acme/purchases.yml"].replace("2000.00", "20.00"))
    assert run("check").status == 1
    run.done("consultant", "add", "noor", "Noor", "noor@example.com")
    (run.root / "customers/consultants.yml").write_text("- {handle: A}\n")
    add = ("consultant", "add", "li", "Li", "li@example.com")
    assert "mend what is there first" in run.refuse(*add, status=1)
