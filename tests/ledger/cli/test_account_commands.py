from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.writing.small_ledger import AS_OF

DANA = "dana@acme.example"
ACCOUNTS = "customers/acme/accounts.yml"


def read_states(run: RunPunchcard, day: str) -> dict[str, str]:
    ran = run("account", "list", "acme", "--as-of", day, "--format", "json")
    return {row["email"].partition("@")[0]: row["state"] for row in json.loads(ran.stdout)}


def test_accounts_come_and_go_and_comments_stay(repository: Path, run: RunPunchcard) -> None:
    account = ("account",)
    add = run(*account, "add", "acme", "lee@acme.example", "Lee: A", "--no-key")
    seen = run(*account, "seen", "acme", "DANA@acme.example")
    gone = run(*account, "remove", "acme", "lee@acme.example")
    assert [add.status, seen.status, gone.status] == [0, 0, 0]
    assert (repository / ACCOUNTS).read_text() == (
        "# Three at most.\n- email: dana@acme.example\n"
        "  name: Dana Whitfield   # the team lead\n  created: 2026-01-12\n"
        "  last_sign_in: 2026-06-30\n"
        '- email: lee@acme.example\n  name: "Lee: A"\n  created: 2026-06-30\n'
        "  removed: 2026-06-30\n"
    )
    assert read_states(run, "2026-07-01") == {"dana": "active", "lee": "removed"}


def test_a_sign_in_never_goes_back(repository: Path, run: RunPunchcard) -> None:
    seen = ("account", "seen", "acme", DANA)
    assert run(*seen).status == 0
    before = (repository / ACCOUNTS).read_text()
    for day in ("2026-06-29", "2026-06-30"):
        ran = run(*seen, "--date", day)
        assert (ran.status, ran.stdout) == (
            0,
            "nothing to write: dana@acme.example signed in on 2026-06-30\n",
        )
    assert (repository / ACCOUNTS).read_text() == before


def test_a_disabled_account_is_not_woken_by_a_sign_in_but_reactivated(
    repository: Path, run: RunPunchcard
) -> None:
    late = ("--as-of", "2026-08-03")
    ran = run("account", "seen", "acme", DANA, *late)
    assert ran.status == 2
    assert "was disabled after 2026-07-13" in ran.stderr
    assert "punchcard account reactivate acme dana@acme.example" in ran.stderr
    assert run("account", "reactivate", "acme", DANA, *late).status == 0
    assert "  reactivated: 2026-08-03\n" in (repository / ACCOUNTS).read_text()
    assert run("account", "seen", "acme", DANA, *late).status == 0
    ran = run("account", "reactivate", "acme", DANA, *late)
    assert ran.status == 2
    assert "is active" in ran.stderr
    later = ("--as-of", "2027-03-01")
    assert run("account", "reactivate", "acme", DANA, *later).status == 0
    assert "  reactivated: [2026-08-03, 2027-03-01]\n" in (repository / ACCOUNTS).read_text()


def test_a_removed_account_comes_back_by_reactivation(repository: Path, run: RunPunchcard) -> None:
    before = (repository / ACCOUNTS).read_text()
    remove = ("account", "remove", "acme", DANA)
    back = ("account", "reactivate", "acme", DANA)
    assert run(*remove).status == 0
    ran = run(*remove)
    assert (ran.status, ran.stdout) == (0, f"nothing to write: {DANA} is removed as of {AS_OF}\n")
    answer = json.loads(run(*remove, "--format", "json").stdout)
    assert answer == {"nothing_to_write": f"{DANA} is removed as of {AS_OF}"}
    ran = run(*back)
    assert f"take back the removal of {DANA}" in ran.stdout
    assert (repository / ACCOUNTS).read_text() == f"{before}  removed:\n"
    assert read_states(run, "2026-07-02") == {"dana": "active"}
    assert run(*remove).status == 0
    ran = run(*back, "--date", AS_OF, "--as-of", "2026-07-01")
    assert ran.status == 2
    assert "from the day after on" in ran.stderr
    assert read_states(run, "2026-07-02") == {"dana": "removed"}
    assert run(*back, "--as-of", "2026-07-02").status == 0
    assert read_states(run, "2026-07-02") == {"dana": "active"}
    assert read_states(run, "2026-07-01") == {"dana": "removed"}
    assert read_states(run, "2027-01-02") == {"dana": "active"}
    assert read_states(run, "2027-01-03") == {"dana": "disabled"}


def test_the_terms_limit_the_accounts_and_a_return_counts(run: RunPunchcard) -> None:
    for name in ("lee", "max"):
        add = ("account", "add", "acme", f"{name}@acme.example", name.title())
        assert run(*add).status == 0
    fourth = ("account", "add", "acme", "kim@acme.example", "Kim")
    ran = run(*fourth)
    assert ran.status == 1
    assert "4 accounts are active on 2026-06-30, the terms allow 3" in ran.stderr
    assert run("account", "remove", "acme", DANA).status == 0
    assert run(*fourth).status == 0
    ran = run("account", "reactivate", "acme", DANA, "--as-of", "2026-07-02")
    assert ran.status == 1
    assert "the terms allow 3" in ran.stderr


def test_an_address_has_one_account(run: RunPunchcard) -> None:
    ran = run("account", "add", "acme", "Dana@acme.example", "D")
    assert ran.status == 2
    assert "acme has an account dana@acme.example already" in ran.stderr
    for number, address in enumerate(("per@b\u00fccher.example", "PER@xn--bcher-kva.example")):
        ran = run("account", "add", "acme", address, "Per")
        assert ran.status == 2 * number
    assert "acme has an account per@b\u00fccher.example already" in ran.stderr
    for address in ("a/b@acme.example", "a#b@acme.example", 'a"b@acme.example'):
        ran = run("account", "add", "acme", address, "A")
        assert (ran.status, "nobody can sign in to a web server as" in ran.stderr) == (2, True)
    ran = run("account", "add", "acme", "no address", "D")
    assert ran.status == 1
    assert "error[schema]" in ran.stderr


def test_accounts_are_listed_with_their_last_day(run: RunPunchcard) -> None:
    ran = run("account", "list", "--format", "csv")
    assert ran.stdout.splitlines() == [
        "customer,email,name,state,created,last_activity,last_day,out_since",
        "acme,dana@acme.example,Dana Whitfield,active,2026-01-12,2026-01-13,2026-07-13,",
    ]
    assert "2026-07-13" in run("account", "list").stdout


def test_the_list_says_since_when_an_account_is_disabled(run: RunPunchcard) -> None:
    def list_out_since(day: str) -> tuple[str, str | None]:
        listed = run("account", "list", "--as-of", day, "--format", "json")
        row = json.loads(listed.stdout)[0]
        return row["state"], row["out_since"]

    assert list_out_since("2026-07-13") == ("active", None)
    assert list_out_since("2026-07-14") == ("disabled", "2026-07-14")
    assert list_out_since("2027-07-14") == ("disabled", "2026-07-14")
    shown = run("account", "list", "--as-of", "2026-08-01").stdout
    assert "2026-07-14" in shown


def test_a_customer_is_added_with_its_licences(repository: Path, run: RunPunchcard) -> None:
    add = ("customer", "add", "fjord", "--name", "Fjord: Labs", "--key", "FJL")
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
    ran = run(*add, "--currency", "EUR", *licence)
    assert (ran.status, ran.stderr) == (0, "")
    assert "add customer Fjord: Labs" in ran.stdout
    assert (repository / "customers/fjord/customer.yml").read_text() == (
        'name: "Fjord: Labs"\nkey: FJL\ncurrency: EUR\nlicences:\n'
        '  - {product: "Trace, big", type: academic, until: 2027-06-30}\n'
        "  - {product: T, type: commercial}\n"
    )
    assert run("buy", "fjord", "1").status == 0
    assert run("check").status == 0
    listed = json.loads(run("customer", "list", "--format", "json").stdout)
    assert [row["key"] for row in listed] == ["ACME", "FJL"]


def test_a_customers_currency_is_one_of_the_commits_terms(
    repository: Path, run: RunPunchcard
) -> None:
    terms = repository / "customers/terms.yml"
    terms.write_text(terms.read_text().replace("EUR: 950.00", "EUR: 950.00, CHF: 900.00"))
    add = ("customer", "add", "new", "--name", "New", "--key", "NEW", "--currency", "CHF")
    for how in (("--commit",), ("--branch", "new")):
        ran = run(*add, *how)
        assert ran.status == 2
        assert "the terms of the last commit have no price in CHF" in ran.stderr
    assert run(*add).status == 0
    git(repository, "stash", "--quiet", "--include-untracked")
    git(repository, "switch", "--quiet", "--create", "prices")
    git(repository, "stash", "pop", "--quiet")
    git(repository, "add", "customers/terms.yml")
    git(repository, "commit", "--quiet", "--message", "Add a price")
    git(repository, "switch", "--quiet", "--force", "main")
    git(repository, "clean", "--quiet", "--force", "-d")
    assert run(*add, "--branch", "prices").status == 0


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
    repository: Path, run: RunPunchcard, slug: str, key: str, currency: str, status: int, said: str
) -> None:
    ran = run(*("customer", "add", slug, "--name", "New", "--key", key, "--currency", currency))
    assert ran.status == status
    assert said in ran.stderr
    assert not (repository / "customers/new").exists()
