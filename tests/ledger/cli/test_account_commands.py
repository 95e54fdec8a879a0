import pytest

from tests.conftest import Commands
from tests.ledger.writing.small_ledger import AS_OF

DANA = "dana@acme.example"
ACCOUNTS = "customers/acme/accounts.yml"


def read_states(run: Commands, day: str) -> dict[str, str]:
    rows = run.json("account", "list", "acme", "--as-of", day)
    return {row["email"].partition("@")[0]: row["state"] for row in rows}


def test_accounts_come_and_go_and_comments_stay(run: Commands) -> None:
    run.done("account", "add", "acme", "lee@acme.example", "Lee: A", "--no-key")
    run.done("account", "seen", "acme", "DANA@acme.example")
    run.done("account", "remove", "acme", "lee@acme.example")
    assert (run.root / ACCOUNTS).read_text() == (
        "# Three at most.\n- email: dana@acme.example\n"
        "  name: Dana Whitfield   # the team lead\n  created: 2026-01-12\n"
        "  last_sign_in: 2026-06-30\n"
        '- email: lee@acme.example\n  name: "Lee: A"\n  created: 2026-06-30\n'
        "  removed: 2026-06-30\n"
    )
    assert read_states(run, "2026-07-01") == {"dana": "active", "lee": "removed"}


def test_a_sign_in_never_goes_back(run: Commands) -> None:
    seen = ("account", "seen", "acme", DANA)
    run.done(*seen)
    before = (run.root / ACCOUNTS).read_text()
    for day in ("2026-06-29", "2026-06-30"):
        said = "nothing to write: dana@acme.example signed in on 2026-06-30\n"
        assert run.done(*seen, "--date", day) == said
    assert (run.root / ACCOUNTS).read_text() == before


def test_a_disabled_account_is_not_woken_by_a_sign_in_but_reactivated(run: Commands) -> None:
    late, later = ("--as-of", "2026-08-03"), ("--as-of", "2027-03-01")
    seen, reactivate = (("account", word, "acme", DANA) for word in ("seen", "reactivate"))
    said = run.refuse(*seen, *late)
    assert "was disabled after 2026-07-13" in said
    assert "punchcard account reactivate acme dana@acme.example" in said
    run.done(*reactivate, *late)
    assert "  reactivated: 2026-08-03\n" in (run.root / ACCOUNTS).read_text()
    run.done(*seen, *late)
    assert "is active" in run.refuse(*reactivate, *late)
    run.done(*reactivate, *later)
    assert "  reactivated: [2026-08-03, 2027-03-01]\n" in (run.root / ACCOUNTS).read_text()


def test_a_removed_account_comes_back_by_reactivation(run: Commands) -> None:
    before = (run.root / ACCOUNTS).read_text()
    remove, back = (("account", word, "acme", DANA) for word in ("remove", "reactivate"))
    run.done(*remove)
    nothing = f"{DANA} is removed as of {AS_OF}"
    assert run.done(*remove) == f"nothing to write: {nothing}\n"
    assert run.json(*remove) == {"nothing_to_write": nothing}
    assert f"take back the removal of {DANA}" in run.done(*back)
    assert (run.root / ACCOUNTS).read_text() == f"{before}  removed:\n"
    assert read_states(run, "2026-07-02") == {"dana": "active"}
    run.done(*remove)
    assert "from the day after on" in run.refuse(*back, "--date", AS_OF, "--as-of", "2026-07-01")
    assert read_states(run, "2026-07-02") == {"dana": "removed"}
    run.done(*back, "--as-of", "2026-07-02")
    for day, state in (
        ("2026-07-01", "removed"), ("2026-07-02", "active"),
        ("2027-01-02", "active"), ("2027-01-03", "disabled"),
    ):  # fmt: skip
        assert read_states(run, day) == {"dana": state}


def test_the_terms_limit_the_accounts_and_a_return_counts(run: Commands) -> None:
    for name in ("lee", "max"):
        run.done("account", "add", "acme", f"{name}@acme.example", name.title())
    fourth = ("account", "add", "acme", "kim@acme.example", "Kim")
    assert "4 accounts are active on 2026-06-30, the terms allow 3" in run.refuse(*fourth, status=1)
    run.done("account", "remove", "acme", DANA)
    run.done(*fourth)
    back = ("account", "reactivate", "acme", DANA, "--as-of", "2026-07-02")
    assert "the terms allow 3" in run.refuse(*back, status=1)


def test_an_address_has_one_account(run: Commands) -> None:
    run.done("account", "add", "acme", "per@b\u00fccher.example", "Per")
    for address, status, said in (
        ("Dana@acme.example", 2, "acme has an account dana@acme.example already"),
        ("PER@xn--bcher-kva.example", 2, "acme has an account per@b\u00fccher.example already"),
        ("a/b@acme.example", 2, "nobody can sign in to a web server as"),
        ("a#b@acme.example", 2, "nobody can sign in to a web server as"),
        ('a"b@acme.example', 2, "nobody can sign in to a web server as"),
        ("no address", 1, "error[schema]"),
    ):
        assert said in run.refuse("account", "add", "acme", address, "Per", status=status)


def test_accounts_are_listed_with_their_last_day(run: Commands) -> None:
    assert run.done("account", "list", "--format", "csv").splitlines() == [
        "customer,email,name,state,created,last_activity,last_day,out_since",
        "acme,dana@acme.example,Dana Whitfield,active,2026-01-12,2026-01-13,2026-07-13,",
    ]
    assert "2026-07-13" in run.done("account", "list")
    for day, state, since in (
        ("2026-07-13", "active", None),
        ("2026-07-14", "disabled", "2026-07-14"),
        ("2027-07-14", "disabled", "2026-07-14"),
    ):
        [row] = run.json("account", "list", "--as-of", day)
        assert (row["state"], row["out_since"]) == (state, since)
    assert "2026-07-14" in run.done("account", "list", "--as-of", "2026-08-01")


def test_a_customer_is_added_with_its_licences(run: Commands) -> None:
    add = ("customer", "add", "fjord", "--name", "Fjord: Labs", "--key", "FJL")
    licences = ("--licence", "Trace, big", "academic", "2027-06-30", "--licence", "T")
    said = run.done(*add, "--currency", "EUR", *licences, "commercial", "-")
    assert "add customer Fjord: Labs" in said
    assert (run.root / "customers/fjord/customer.yml").read_text() == (
        'name: "Fjord: Labs"\nkey: FJL\ncurrency: EUR\nlicences:\n'
        '  - {product: "Trace, big", type: academic, until: 2027-06-30}\n'
        "  - {product: T, type: commercial}\n"
    )
    assert run("buy", "fjord", "1").status == 0
    assert run("check").status == 0
    listed = run.json("customer", "list")
    assert [row["key"] for row in listed] == ["ACME", "FJL"]


def test_a_customers_currency_is_one_of_the_commits_terms(run: Commands) -> None:
    terms = run.root / "customers/terms.yml"
    terms.write_text(terms.read_text().replace("EUR: 950.00", "EUR: 950.00, CHF: 900.00"))
    add = ("customer", "add", "new", "--name", "New", "--key", "NEW", "--currency", "CHF")
    for how in (("--commit",), ("--branch", "new")):
        assert "the terms of the last commit have no price in CHF" in run.refuse(*add, *how)
    assert run(*add).status == 0
    run.git("clean", "--quiet", "--force", "-d")
    run.git("switch", "--quiet", "--create", "prices")
    run.git("commit", "--quiet", "--all", "--message", "Add a price")
    run.git("switch", "--quiet", "main")
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
    run: Commands, slug: str, key: str, currency: str, status: int, said: str
) -> None:
    add = ("customer", "add", slug, "--name", "New", "--key", key, "--currency", currency)
    assert said in run.refuse(*add, status=status)
    assert not (run.root / "customers/new").exists()
