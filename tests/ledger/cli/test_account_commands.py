from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.writing.small_ledger import AS_OF

DAY = ("--as-of", AS_OF)
DANA = "dana@acme.example"
ACCOUNTS = "customers/acme/accounts.yml"


def read_states(repository: Path, punchcard: RunPunchcard, day: str) -> dict[str, str]:
    ran = punchcard(repository, "account", "list", "acme", "--as-of", day, "--format", "json")
    return {row["email"].partition("@")[0]: row["state"] for row in json.loads(ran.stdout)}


def test_accounts_come_and_go_and_comments_stay(repository: Path, punchcard: RunPunchcard) -> None:
    account = ("account",)
    add = punchcard(
        repository, *account, "add", "acme", "lee@acme.example", "Lee: A", "--no-key", *DAY
    )
    seen = punchcard(repository, *account, "seen", "acme", "DANA@acme.example", *DAY)
    gone = punchcard(repository, *account, "remove", "acme", "lee@acme.example", *DAY)
    assert [add.status, seen.status, gone.status] == [0, 0, 0]
    assert (repository / ACCOUNTS).read_text() == (
        "# Three at most.\n- email: dana@acme.example\n"
        "  name: Dana Whitfield   # the team lead\n  created: 2026-01-12\n"
        "  last_sign_in: 2026-06-30\n"
        '- email: lee@acme.example\n  name: "Lee: A"\n  created: 2026-06-30\n'
        "  removed: 2026-06-30\n"
    )
    assert read_states(repository, punchcard, "2026-07-01") == {"dana": "active", "lee": "removed"}


def test_a_sign_in_never_goes_back(repository: Path, punchcard: RunPunchcard) -> None:
    seen = ("account", "seen", "acme", DANA, *DAY)
    assert punchcard(repository, *seen).status == 0
    before = (repository / ACCOUNTS).read_text()
    for day in ("2026-06-29", "2026-06-30"):
        ran = punchcard(repository, *seen, "--date", day)
        assert (ran.status, ran.stdout) == (
            0,
            "nothing to write: dana@acme.example signed in on 2026-06-30\n",
        )
    assert (repository / ACCOUNTS).read_text() == before


def test_a_disabled_account_is_not_woken_by_a_sign_in_but_reactivated(
    repository: Path, punchcard: RunPunchcard
) -> None:
    late = ("--as-of", "2026-08-03")
    ran = punchcard(repository, "account", "seen", "acme", DANA, *late)
    assert ran.status == 2
    assert "was disabled after 2026-07-13" in ran.stderr
    assert "punchcard account reactivate acme dana@acme.example" in ran.stderr
    assert punchcard(repository, "account", "reactivate", "acme", DANA, *late).status == 0
    assert "  reactivated: 2026-08-03\n" in (repository / ACCOUNTS).read_text()
    assert punchcard(repository, "account", "seen", "acme", DANA, *late).status == 0
    ran = punchcard(repository, "account", "reactivate", "acme", DANA, *late)
    assert ran.status == 2
    assert "is active" in ran.stderr
    later = ("--as-of", "2027-03-01")
    assert punchcard(repository, "account", "reactivate", "acme", DANA, *later).status == 0
    assert "  reactivated: [2026-08-03, 2027-03-01]\n" in (repository / ACCOUNTS).read_text()


def test_a_removed_account_comes_back_by_reactivation(
    repository: Path, punchcard: RunPunchcard
) -> None:
    before = (repository / ACCOUNTS).read_text()
    remove = ("account", "remove", "acme", DANA)
    back = ("account", "reactivate", "acme", DANA)
    assert punchcard(repository, *remove, *DAY).status == 0
    ran = punchcard(repository, *remove, *DAY)
    assert (ran.status, ran.stdout) == (0, f"nothing to write: {DANA} is removed as of {AS_OF}\n")
    ran = punchcard(repository, *back, *DAY)
    assert f"take back the removal of {DANA}" in ran.stdout
    assert (repository / ACCOUNTS).read_text() == f"{before}  removed:\n"
    assert read_states(repository, punchcard, "2026-07-02") == {"dana": "active"}
    assert punchcard(repository, *remove, *DAY).status == 0
    ran = punchcard(repository, *back, "--date", AS_OF, "--as-of", "2026-07-01")
    assert ran.status == 2
    assert "from the day after on" in ran.stderr
    assert read_states(repository, punchcard, "2026-07-02") == {"dana": "removed"}
    assert punchcard(repository, *back, "--as-of", "2026-07-02").status == 0
    assert read_states(repository, punchcard, "2026-07-02") == {"dana": "active"}
    assert read_states(repository, punchcard, "2026-07-01") == {"dana": "removed"}
    assert read_states(repository, punchcard, "2027-01-02") == {"dana": "active"}
    assert read_states(repository, punchcard, "2027-01-03") == {"dana": "disabled"}


def test_the_terms_limit_the_accounts_and_a_return_counts(
    repository: Path, punchcard: RunPunchcard
) -> None:
    for name in ("lee", "max"):
        add = ("account", "add", "acme", f"{name}@acme.example", name.title(), *DAY)
        assert punchcard(repository, *add).status == 0
    fourth = ("account", "add", "acme", "kim@acme.example", "Kim")
    ran = punchcard(repository, *fourth, *DAY)
    assert ran.status == 1
    assert "4 accounts are active on 2026-06-30, the terms allow 3" in ran.stderr
    assert punchcard(repository, "account", "remove", "acme", DANA, *DAY).status == 0
    assert punchcard(repository, *fourth, *DAY).status == 0
    ran = punchcard(repository, "account", "reactivate", "acme", DANA, "--as-of", "2026-07-02")
    assert ran.status == 1
    assert "the terms allow 3" in ran.stderr


def test_an_address_has_one_account(repository: Path, punchcard: RunPunchcard) -> None:
    ran = punchcard(repository, "account", "add", "acme", "Dana@acme.example", "D", *DAY)
    assert ran.status == 2
    assert "acme has an account dana@acme.example already" in ran.stderr
    for number, address in enumerate(("per@b\u00fccher.example", "PER@xn--bcher-kva.example")):
        ran = punchcard(repository, "account", "add", "acme", address, "Per", *DAY)
        assert ran.status == 2 * number
    assert "acme has an account per@b\u00fccher.example already" in ran.stderr
    for address in ("a/b@acme.example", "a#b@acme.example", 'a"b@acme.example'):
        ran = punchcard(repository, "account", "add", "acme", address, "A", *DAY)
        assert (ran.status, "nobody can sign in to a web server as" in ran.stderr) == (2, True)
    ran = punchcard(repository, "account", "add", "acme", "no address", "D", *DAY)
    assert ran.status == 1
    assert "error[schema]" in ran.stderr


def test_accounts_are_listed_with_their_last_day(repository: Path, punchcard: RunPunchcard) -> None:
    ran = punchcard(repository, "account", "list", *DAY, "--format", "csv")
    assert ran.stdout.splitlines() == [
        "customer,email,name,state,created,last_activity,last_day,out_since",
        "acme,dana@acme.example,Dana Whitfield,active,2026-01-12,2026-01-13,2026-07-13,",
    ]
    assert "2026-07-13" in punchcard(repository, "account", "list", *DAY).stdout


def test_the_list_says_since_when_an_account_is_disabled(
    repository: Path, punchcard: RunPunchcard
) -> None:
    def list_out_since(day: str) -> tuple[str, str | None]:
        listed = punchcard(repository, "account", "list", "--as-of", day, "--format", "json")
        row = json.loads(listed.stdout)[0]
        return row["state"], row["out_since"]

    assert list_out_since("2026-07-13") == ("active", None)
    assert list_out_since("2026-07-14") == ("disabled", "2026-07-14")
    assert list_out_since("2027-07-14") == ("disabled", "2026-07-14")
    shown = punchcard(repository, "account", "list", "--as-of", "2026-08-01").stdout
    assert "2026-07-14" in shown


def test_a_customer_is_added_with_its_licences(repository: Path, punchcard: RunPunchcard) -> None:
    add = ("customer", "add", "fjord", "--name", "Fjord: Labs", "--key", "FJL", *DAY)
    licence = (
        "--licence",
        "Trace, big",
        "academic",
        "2027-06-30",
        "--licence",
        "T",
        "commercial",
        "-",
    )
    ran = punchcard(repository, *add, "--currency", "EUR", *licence)
    assert (ran.status, ran.stderr) == (0, "")
    assert "add customer Fjord: Labs" in ran.stdout
    assert (repository / "customers/fjord/customer.yml").read_text() == (
        'name: "Fjord: Labs"\nkey: FJL\ncurrency: EUR\nlicences:\n'
        '  - {product: "Trace, big", type: academic, until: 2027-06-30}\n'
        "  - {product: T, type: commercial}\n"
    )
    assert punchcard(repository, "buy", "fjord", "1", *DAY).status == 0
    assert punchcard(repository, "check", *DAY).status == 0
    listed = json.loads(punchcard(repository, "customer", "list", "--format", "json").stdout)
    assert [row["key"] for row in listed] == ["ACME", "FJL"]


def test_a_customers_currency_is_one_of_the_commits_terms(
    repository: Path, punchcard: RunPunchcard
) -> None:
    terms = repository / "customers/terms.yml"
    terms.write_text(terms.read_text().replace("EUR: 950.00", "EUR: 950.00, CHF: 900.00"))
    add = ("customer", "add", "new", "--name", "New", "--key", "NEW", "--currency", "CHF", *DAY)
    for how in (("--commit",), ("--branch", "new")):
        ran = punchcard(repository, *add, *how)
        assert ran.status == 2
        assert "the terms of the last commit have no price in CHF" in ran.stderr
    assert punchcard(repository, *add).status == 0
    git(repository, "stash", "--quiet", "--include-untracked")
    git(repository, "switch", "--quiet", "--create", "prices")
    git(repository, "stash", "pop", "--quiet")
    git(repository, "add", "customers/terms.yml")
    git(repository, "commit", "--quiet", "--message", "Add a price")
    git(repository, "switch", "--quiet", "--force", "main")
    git(repository, "clean", "--quiet", "--force", "-d")
    assert punchcard(repository, *add, "--branch", "prices").status == 0


@pytest.mark.parametrize(
    ("slug", "key", "currency", "status", "said"),
    [
        ("acme", "NEW", "USD", 2, "there is a customer acme already"),
        ("new", "ACME", "USD", 2, "the key ACME is acme's already"),
        ("new", "NEW", "UDS", 2, "did you mean USD?"),
        ("New", "NEW", "USD", 2, "is no name for a customer's folder"),
        ("../new", "NEW", "USD", 2, "is no name for a customer's folder"),
        ("new", "n-w", "USD", 1, "error[schema]"),
    ],
)
def test_a_customer_that_cannot_be_is_not_added(
    repository: Path,
    punchcard: RunPunchcard,
    slug: str,
    key: str,
    currency: str,
    status: int,
    said: str,
) -> None:
    ran = punchcard(
        repository,
        *("customer", "add", slug, "--name", "New", "--key", key, "--currency", currency, *DAY),
    )
    assert ran.status == status
    assert said in ran.stderr
    assert not (repository / "customers/new").exists()
