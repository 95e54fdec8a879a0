import io
import json
import re
import shlex
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Commands, RunPunchcard
from tests.ledger.writing.small_ledger import AS_OF

SHEET = "customers/acme/time/2026-06-alice.yml"


def test_logging_says_what_was_written_where_and_what_is_left(run: Commands) -> None:
    assert run.done("log", "acme", "ACME-1", "1h15m", "-m", "Set it up.") == (
        "2026-06-alice/30-1-xyz: log 1h 15m on ACME-1 (alice)\n"
        "  Single sign-on\n"
        f"  written to {SHEET}:7\n"
        "  acme has 8h left on 2 cards\n"
    )
    assert run.read(SHEET).endswith(
        "- id: 30-1-xyz\n  date: 2026-06-30\n  request: ACME-1\n  minutes: 75\n  note: Set it up.\n"
    )


@pytest.mark.parametrize("duration", ["45m", "0:45", "0.75h", "45", ".75h"])
def test_durations_are_understood_as_people_write_them(run: Commands, duration: str) -> None:
    assert run("log", "acme", "1", duration, "-m", "x").status == 0
    assert "minutes: 45\n  note: x\n" in run.read(SHEET)


@pytest.mark.parametrize(
    ("line", "said", "status"),
    [
        ("log acme ACME-1 20m -m x", "write 15m or 30m, or round with --round up", 2),
        ("log acme ACME-1 10m -m x", "write 15m, or round with --round up", 2),
        ("log acme ACME-1 0m -m x", "a duration must be more than nothing", 2),
        ("log acme ACME-1 soon -m x", "is not a duration; write it like 45m", 2),
        ("log acme ACME-1 1.33h -m x", "is not a whole number of minutes", 2),
        ("log acme ACME-1 15m -m ''", "is empty", 2),
        ("log acme ACME-1 15m -m ' \n'", "is empty", 2),
        ("log acme ACME-1 15m -m 'a\x1b[31m'", "U+001B", 2),
        ("log acme ACME-1 15m -m 'a\0b'", "U+0000", 2),
        ("log acne ACME-1 15m -m x", "did you mean acme?", 2),
        ("log acme ACMI-1 15m -m x", "did you mean ACME-1?", 2),
        ("log acme ACME-1 15m -m x --as alicia", "did you mean alice?", 2),
        ("log acme ACME-1 15m -m x --as zoe", "consultant-inactive", 1),
        ("log acme ACME-1 15m -m x -d 2026-07-01", "2026-07-01 is after 2026-06-30", 1),
        ("log", "missing: CUSTOMER, REQUEST, DURATION, -m NOTE", 2),
        ("log acme 1 -15m -m x", "'-15m' is not a duration; write 15m; punchcard correct", 2),
        ("log acme 1 -m x -1.25h", "'-1.25h' is not a duration; write 1.25h; punchcard", 2),
        ("log -x", "No such option '-x'", 2),
        ("correct acme 03-1 -15m -m x", "'-15m' is not a duration; write 15m; punchcard", 2),
        ("correct acme 2026-06-alice/03-2 15m -m x", "mean 2026-06-alice/03-1?", 2),
        ("refund acme P1 -2h -m x", "'-2h' is not a duration; write 2h; punchcard correct", 2),
        ("refund acme P9 1h -m x", "purchase 'P9'", 2),
        ("goodwill acme -1:15 -m x", "'-1:15' is not a duration; write 1:15; punchcard", 2),
        ("account seen acme dana@acme.exampel", "did you mean dana@acme.example?", 2),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_mend(
    run: Commands, line: str, said: str, status: int
) -> None:
    run(*shlex.split(line)).refused(said, status=status)
    assert run.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("duration", "rounding", "minutes"),
    [("20m", "up", 30), ("20m", "down", 15), ("20m", "nearest", 15), ("5m", "nearest", 15)],
)
def test_rounding_says_so_and_keeps_the_true_duration(
    run: Commands, duration: str, rounding: str, minutes: int
) -> None:
    ran = run("log", "acme", "ACME-1", duration, "-m", "Call.", "--round", rounding)
    assert f"note: {duration} rounded to {minutes}m" in ran.stdout
    text = run.read(SHEET)
    assert text.endswith(
        f"  minutes: {minutes}\n  note: Call. ({duration} rounded to {minutes}m)\n"
    )


def test_an_overdraft_is_refused_with_the_numbers(run: Commands) -> None:
    before = run.read(SHEET)
    run("log", "acme", "ACME-1", "9h30m", "-m", "x").refused(
        "error[overdrawn]",
        "15 of these 570 minutes are not covered",
        "acme is overdrawn by 15",
        "1 more punchcard",
        "acme would have 1 error, so nothing was written",
        status=1,
    )
    assert run.read(SHEET) == before


def test_a_low_balance_is_said(run: Commands) -> None:
    ran = run("log", "acme", "ACME-1", "8h15m", "-m", "x")
    assert "acme has 1h left on 1 card  LOW" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_the_consultant_is_who_git_says(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    log = ("log", "acme", "ACME-1", "15m", "-m", "x")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "BEN@example.com")
    assert "(ben)" in run(*log).stdout
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    run.git("config", "user.email", "alice@example.com")
    assert "(alice)" in run(*log).stdout
    assert "(ben)" in run(*log, "--as", "ben").stdout
    run.git("config", "user.email", "alise@example.com")
    run(*log).refused(
        "no consultant has the address alise@example.com",
        "did you mean alice@example.com? say --as alice|ben|zoe",
    )


def test_a_backdated_entry_goes_to_the_file_of_its_month(run: Commands) -> None:
    ran = run("log", "acme", "1", "15m", "-m", "x", "--date", "2026-05-04")
    assert "2026-05-alice/04-1" in ran.stdout
    assert run.read("customers/acme/time/2026-05-alice.yml") == (
        "- id: 04-1-xyz\n  date: 2026-05-04\n  request: ACME-1\n  minutes: 15\n  note: x\n"
    )


def test_errors_of_another_customer_are_no_obstacle(run: Commands) -> None:
    other = run.root / "customers/other"
    other.mkdir()
    (other / "customer.yml").write_text("name: [")
    assert run("log", "acme", "1", "15m", "-m", "x").status == 0


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("customers/acme/purchases.yml", "- id: P1\n  nonsense: 1\n"),
        (SHEET, "- id: [\n"),
        ("customers/acme/notes.txt", "x\n"),
        ("customers/terms.yml", "- effective: never\n"),
    ],
)
def test_errors_that_were_there_are_named_and_nothing_is_written(
    run: Commands, file: str, text: str
) -> None:
    (run.root / file).write_text(text)
    ran = run("log", "acme", "1", "15m", "-m", "x")
    assert ran.status == 1
    assert f"{file}:" in ran.stderr
    assert "already, so nothing was written" in ran.stderr or "would have" in ran.stderr
    assert run.read(file) == text
    assert "30-1" not in run.read(SHEET)


def test_a_purchase_mends_what_is_overdrawn(run: Commands) -> None:
    sheet = run.root / SHEET
    sheet.write_text(sheet.read_text().replace("minutes: 45", "minutes: 660"))
    assert run("check").status == 1
    assert run("log", "acme", "1", "15m", "-m", "x").status == 1
    assert run("buy", "acme", "1").status == 0
    assert run("check").status == 0


def test_a_correction_names_its_entry(run: Commands) -> None:
    own = run("correct", "acme", "03-1", "15m", "-m", "Less.")
    assert "take back 15m of 2026-06-alice/03-1" in own.stdout
    assert "  corrects: 03-1\n" in run.read(SHEET)
    name = "2026-06-alice/03-1"
    assert run("correct", "acme", name, "30m", "-m", "x", "--as", "ben").status == 0
    ben = run.read("customers/acme/time/2026-06-ben.yml")
    assert ben == (
        "- id: 30-1-xyz\n  date: 2026-06-30\n  request: ACME-1\n  minutes: -30\n"
        "  corrects: 2026-06-alice/03-1\n  note: x\n"
    )
    run("correct", "acme", name, "15m", "-m", "x").refused(
        "only 0m are left to take back (2026-06-alice/03-1 was 45m)"
    )
    run("correct", "acme", "30-1-xyz", "15m", "-m", "x").refused("is a correction itself")


def test_a_dash_reads_a_text_from_standard_input(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))

    for command in (("log", "acme", "1", "15m"), ("goodwill", "acme", "1h")):
        give("Über: two\nlines.\n".encode())
        assert run(*command, "-m", "-").status == 0
        give(b"\xff")
        run(*command, "-m", "-").refused("no text")
    for file in (SHEET, "customers/acme/adjustments.yml"):
        assert run.read(file).endswith("  Über: two\n    lines.\n")


def test_nothing_is_written_as_of_a_day_to_come(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.cli.options.find_today", lambda _: date.fromisoformat(AS_OF))
    log = ("log", "acme", "1", "15m", "-m", "x", "--date", "2026-07-01")
    for as_of, status, said in (
        ("2026-07-01", 2, "today is 2026-06-30: nothing is written as of 2026-07-01"),
        (AS_OF, 1, "error[future-date]"),
    ):
        ran = run(*log, "--as-of", as_of)
        assert (ran.status, said in ran.stderr) == (status, True)
    assert run("balance", "--as-of", "2026-07-01").status == 0


def test_sales_refunds_and_goodwill(run: Commands) -> None:
    ran = run("buy", "acme", "3", "--invoice", "INV-2", "--purchase-order", "PO-7")
    assert "P2: buy 3 punchcards for 3000.00 USD" in ran.stdout
    text = run.read("customers/acme/purchases.yml")
    assert text.endswith(
        "- id: P2\n  date: 2026-06-30\n  punchcards: 3\n  amount: 3000.00\n  invoice: INV-2\n"
        "  purchase_order: PO-7\n"
    )
    run("buy", "acme", "1", "--amount", "900").refused("900.00 is not 1 × 1000.00", status=1)
    discount = ("--amount", "900", "--price-note", "Agreed: 10 % off")
    assert run("buy", "acme", "1", *discount).status == 0
    ran = run("refund", "acme", "P1", "2h", "-m", "Cancelled")
    assert "A1: refund 2h of P1, 400.00 USD" in ran.stdout
    assert "400.00 is 120 of 600 minutes of 2000.00 USD" in ran.stdout
    assert "A2: goodwill credit of 1h" in run("goodwill", "acme", "1h", "-m", "Our outage").stdout
    assert run.read("customers/acme/adjustments.yml") == (
        "- id: A1\n  type: refund\n  date: 2026-06-30\n  purchase: P1\n  minutes: 120\n"
        "  amount: 400.00\n  reason: Cancelled\n"
        "- id: A2\n  type: goodwill\n  date: 2026-06-30\n  minutes: 60\n  reason: Our outage\n"
    )
    balance = run.json("balance")[0]
    assert balance["remaining_minutes"] == 600 - 45 + 900 + 300 - 120 + 60


@pytest.mark.parametrize(
    ("currency", "price", "paid", "left"),
    [("JPY", "150001", "300002", "277502"), ("KWD", "307.125", "614.250", "568.181")],
)
def test_money_has_the_decimals_of_its_currency(
    currency: str, price: str, paid: str, left: str, repository: Path, punchcard: RunPunchcard
) -> None:
    customers, as_of = repository / "customers", ("--as-of", AS_OF)
    for path, before, after in (
        ("terms.yml", "EUR: 950.00", f"{currency}: {price}"),
        ("acme/customer.yml", "currency: USD", f"currency: {currency}"),
    ):
        file = customers / path
        file.write_text(file.read_text().replace(before, after))
    (customers / "acme/purchases.yml").unlink()
    ran = punchcard(repository, "buy", "acme", "2", "--date", "2026-01-12")
    assert f"buy 2 punchcards for {paid} {currency}" in ran.stdout
    assert f"amount: {paid}\n" in (customers / "acme/purchases.yml").read_text()
    assert f" {paid} {currency}\n" in punchcard(repository, "statement", "acme", *as_of).stdout
    ran = punchcard(repository, "statement", "acme", *as_of, "--format", "json")
    assert json.loads(ran.stdout)["movements"][0]["amount"] == paid
    ran = punchcard(repository, "balance", "acme", *as_of, "--format", "json")
    assert json.loads(ran.stdout)[0]["value_remaining"] == left
    ran = punchcard(repository, "show", "acme", "P2", *as_of, "--format", "json")
    assert json.loads(ran.stdout)["record"]["amount"] == paid


@pytest.mark.parametrize(
    ("currency", "paid", "parts"),
    [
        ("USD", "999.90", {"50.00", "49.99"}),
        ("JPY", "100001", {"5000", "5001"}),
        ("USD", "0.05", {"0.00", "0.01"}),
    ],
)
def test_refunds_in_parts_pay_back_what_was_paid(
    currency: str, paid: str, parts: set[str], run: Commands
) -> None:
    folder = run.root / "customers/acme"
    customer = folder / "customer.yml"
    customer.write_text(customer.read_text().replace("currency: USD", f"currency: {currency}"))
    (folder / "purchases.yml").write_text(
        f"- {{id: P1, date: 2026-06-01, punchcards: 1, amount: {paid}, price_note: Agreed}}\n"
    )
    for file in (folder / "time").iterdir():
        file.unlink()
    for _part in range(20):
        ran = run("refund", "acme", "P1", "15m", "-m", "In parts")
        assert ran.status == 0, ran.stderr
    amounts = re.findall(r"amount: (\S+)", (folder / "adjustments.yml").read_text())
    assert (set(amounts), sum(map(Decimal, amounts))) == (parts, Decimal(paid))


@pytest.mark.parametrize(
    ("currency", "paid", "used", "parts"),
    [
        ("USD", "0.05", 150, ["2h", "30m"]),
        ("JPY", "5", 150, ["30m", "2h"]),
        ("JPY", "1001", 315, ["1h", "5h", "3h 45m"]),
        ("KWD", "0.101", 330, ["4h 45m", "15m", "4h 30m"]),
        ("KWD", "333.333", 45, ["9h", "5h 15m"]),
    ],
)
def test_refunds_give_exactly_what_was_paid_for_the_minutes_that_are_left(
    currency: str, paid: str, used: int, parts: list[str], run: Commands
) -> None:
    """Each is what leaves deferred revenue, whatever was used before, over several cards."""
    folder, cards = run.root / "customers/acme", 1 if used == 150 else 3
    customer = folder / "customer.yml"
    customer.write_text(customer.read_text().replace("currency: USD", f"currency: {currency}"))
    (folder / "purchases.yml").write_text(
        f"- {{id: P1, date: 2026-06-01, punchcards: {cards}, amount: {paid}, price_note: Agreed}}\n"
    )
    (sheet,) = (folder / "time").iterdir()
    sheet.write_text(sheet.read_text().replace("minutes: 45", f"minutes: {used}"))
    [before] = run.json("balance")
    for part in parts:
        ran = run("refund", "acme", "P1", part, "-m", "In parts")
        assert ran.status == 0, ran.stderr
    [line] = run.json("revenue", "--by", "purchase")
    assert line["refund_amount"] == line["value_refunded"] == before["value_remaining"]
    assert Decimal(line["closing_deferred"]) == 0
    run("refund", "acme", "P1", "15m", "-m", "More").refused("error[refund]", status=1)


def test_a_refund_by_default_is_no_more_than_what_is_left(run: Commands) -> None:
    refund = ("refund", "acme", "P1")
    agreed = ("-m", "Agreed", "--amount", "1900.00")
    assert run(*refund, "15m", *agreed).status == 0
    assert "100.00 is what is left of 2000.00 USD" in run(*refund, "2h", "-m", "The rest").stdout
    ran = run(*refund, "15m", "-m", "More", "--amount", "0.01")
    assert ran.status == 1
    assert "error[refund]: pays back 0.01 USD, but of 2000.00 that were paid 0.00 are left" in (
        ran.stderr
    )


def test_json_says_the_same(run: Commands) -> None:
    ran = run("buy", "acme", "1", "--format", "json")
    written = json.loads(ran.stdout)
    assert {key: written[key] for key in ("name", "file", "line", "commit")} == {
        "name": "P2",
        "file": "customers/acme/purchases.yml",
        "line": 5,
        "commit": None,
    }
    assert written["balance"]["purchased_minutes"] == 900


def test_a_warning_that_the_record_brings_is_shown_and_it_is_written(run: Commands) -> None:
    customer = run.root / "customers/acme/customer.yml"
    customer.write_text("name: Acme\nkey: ACME\ncurrency: USD\n")
    support = ("--category", "technical-support")
    ran = run("log", "acme", "1", "15m", "-m", "x", *support)
    assert ran.status == 0
    assert "warning[support-entitlement]" in ran.stderr
    again = run("buy", "acme", "1")
    assert again.stderr == ""


def test_a_file_that_git_ignores_is_not_written(run: Commands) -> None:
    (run.root / ".gitignore").write_text("2026-05-*\n")
    run("log", "acme", "1", "15m", "-m", "x", "--date", "2026-05-04").refused(
        "Git ignores customers/acme/time/2026-05-alice.yml"
    )


def test_a_folder_that_is_a_link_is_not_written_into(run: Commands, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (run.root / SHEET).unlink()
    (run.root / "customers/acme/time").rmdir()
    (run.root / "customers/acme/time").symlink_to(elsewhere)
    ran = run("log", "acme", "1", "15m", "-m", "x")
    assert ran.status in {1, 2}
    assert list(elsewhere.iterdir()) == []
