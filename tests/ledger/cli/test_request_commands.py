import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import Commands, write_files

REQUESTS = "customers/acme/requests"

MAIL = """\
From: "Dana" <DANA@acme.example>
Subject: New request
Content-Type: text/plain; charset=utf-8

Title: Dashboards: the board's
Category: Product training
Urgency: this week

We would like <b>three</b>.
"""


def read(run: Commands, number: int) -> str:
    return run.read(f"{REQUESTS}/ACME-{number}.yml")


def test_a_request_gets_the_next_number(run: Commands) -> None:
    opened = run("request", "open", "acme", "Export: all", "--category", "detailed-qa")
    assert (opened.status, opened.stderr) == (0, "")
    assert opened.stdout.startswith("open ACME-2, Export: all\n")
    assert read(run, 2) == (
        'title: "Export: all"\ncategory: detailed-qa\nopened: 2026-06-30\nopened_by: alice\n'
        "channel: punchcard\n"
    )
    by = ("--by", "Dana@acme.example", "--description", "One\r\n\r\n- two  \n")
    run("request", "open", "acme", "x", "--category", "onboarding", *by)
    assert read(run, 3).endswith(
        "opened_by: dana@acme.example\nchannel: punchcard\ndescription: |\n  One\n\n  - two\n"
    )


def test_support_needs_no_category_and_takes_any_address(run: Commands) -> None:
    run("request", "open", "acme", "x").refused(
        "needs a category (say --category, or --channel support)"
    )
    support = ("--channel", "support", "--by", "new@acme.example", "--ticket", "SUP-7")
    assert run("request", "open", "acme", "x", *support).status == 0
    by = ("--category", "onboarding", "--by", "new@acme.example")
    run("request", "open", "acme", "x", *by).refused("acme has no account 'new@acme.example'")


NO_ID = f"<{sha256(MAIL.encode()).hexdigest()[:32]}@no-message-id.invalid>"


def test_a_mail_opens_a_request_of_its_sender(run: Commands, tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_text(MAIL)
    run.done("request", "receive", tmp_path / "mail.eml", "--commit")
    assert read(run, 2) == (
        'title: "Dashboards: the board\'s"\ncategory: product-training\nopened: 2026-06-30\n'
        f'opened_by: dana@acme.example\nchannel: punchcard\nmessage_id: "{NO_ID}"\n'
        "description: |\n  Urgency: this week\n\n  We would like <b>three</b>.\n"
    )
    assert run.git("log", "-1", "--format=%s").startswith("acme: open ACME-2, Dashboards")


def test_a_request_from_a_mail_was_opened_when_the_mail_was_sent(
    run: Commands, tmp_path: Path
) -> None:
    mail = tmp_path / "mail.eml"
    opened = ("request", "receive", mail)
    for date, day in (
        ("Mon, 29 Jun 2026 23:30:00 -0800", "2026-06-30"),
        ("Fri, 26 Jun 2026 12:00:00 +0000", "2026-06-26"),
        ("Wed, 01 Jul 2026 12:00:00 +0000", "2026-06-30"),
        ("Thu, 01 Jan 1970 00:00:00 +0000", "2026-06-30"),
        ("Fri, 31 Dec 9999 23:30:00 -1400", "2026-06-30"),
    ):
        mail.write_text(f"Date: {date}\n{MAIL}")
        assert run(*opened).status == 0
        newest = max((run.root / REQUESTS).iterdir())
        assert f"opened: {day}\n" in newest.read_text()


DANA = "- {email: dana@acme.example, name: D, created: %s}\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"acme/accounts.yml": "[]\n"}, "is nobody's account"),
        ({"acme/accounts.yml": DANA % "2025-01-02"}, "is no active account: disabled at acme"),
        (
            {"acme/accounts.yml": DANA % "2026-06-02, removed: 2026-06-20"},
            "is no active account: removed at acme",
        ),
        (
            {
                "other/customer.yml": "name: Other\nkey: OTH\ncurrency: USD\n",
                "other/accounts.yml": DANA % "2026-06-01",
            },
            "several customers",
        ),
    ],
)
def test_only_an_active_account_of_one_customer_can_send_a_request(
    run: Commands, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    write_files(run.root / "customers", files)
    (run.root / REQUESTS / "ACME-1.yml").unlink()
    (run.root / "customers/acme/time/2026-06-alice.yml").unlink()
    (tmp_path / "mail.eml").write_text(MAIL)
    ran = run("request", "receive", tmp_path / "mail.eml")
    assert (ran.status, said in ran.stdout) == (1, True)


def test_an_update_is_added_to_the_history(run: Commands) -> None:
    update = ("request", "update", "acme")
    ran = run(*update, "1", "--status", "in-progress", "-m", "Booked.")
    assert ran.stdout.startswith("ACME-1 is in-progress (alice)\n")
    run(*update, "acme-1", "-m", "Thanks: all.", "--by", "dana@acme.example")
    assert read(run, 1).endswith(
        "channel: punchcard\nhistory:\n"
        "  - {date: 2026-06-30, by: alice, status: in-progress, note: Booked.}\n"
        '  - {date: 2026-06-30, by: dana@acme.example, note: "Thanks: all."}\n'
    )
    for status, done in (("closed", 0), ("open", 2), ("waiting-for-customer", 2)):
        ran = run(*update, "1", "--status", status)
        assert ran.status == done
    assert "ACME-1 is closed: only in-progress opens it again" in ran.stderr
    for status in ("resolved", "in-progress", "waiting-for-customer"):
        assert run(*update, "1", "--status", status).status == 0
    run(*update, "ACME-1").refused("nothing is to be updated")
    back = run(*update, "1", "-m", "Mailed.", "--date", "2026-06-29")
    assert (back.status, back.stderr) == (0, "")
    first = "history:\n  - {date: 2026-06-29, by: alice, note: Mailed.}\n  - {date: 2026-06-30,"
    assert first in read(run, 1)
    assert run("check", "--since", "HEAD").status == 0


def test_an_estimate_is_approved_and_log_says_what_is_left(run: Commands) -> None:
    update, log = ("request", "update", "acme", "1"), ("log", "acme", "1")
    ran = run(*update, "--estimate", "2h", "-m", "Two calls.", "--commit")
    assert ran.stdout.startswith("estimate 2h for ACME-1 (alice)\n")
    logged = run(*log, "15m", "-m", "First.").stdout
    assert "note: 1h left of the estimate of 2h" in logged
    dana = ("--by", "dana@acme.example")
    for options, why in (
        (("--approve", "2h"), "only the customer approves time"),
        (("--estimate", "1h", *dana), "only a consultant estimates time"),
        (("--estimate", "0"), "a duration must be more than nothing"),
    ):
        run(*update, *options).refused(why)
    assert run(*update, "--approve", "2h", *dana).status == 0
    assert "approved_minutes: 120}" in read(run, 1)
    approved = "the 2h that dana@acme.example approved"
    assert f"45m left of {approved}" in run(*log, "15m", "-m", "Second.").stdout
    free = run(*log, "15m", "-m", "How-to.", "--category", "technical-support")
    assert f"45m left of {approved}" in free.stdout
    assert f"0m left of {approved}" in run(*log, "45m", "-m", "Third.").stdout
    assert "warning[over-estimate]" not in run("check").stdout
    assert f"15m more than {approved}" in run(*log, "15m", "-m", "Fourth.").stdout
    assert "warning[over-estimate]" in run("check").stdout
    shown = run("request", "show", "acme", "1").stdout
    assert "alice: estimate 2h, Two calls." in shown
    assert "dana@acme.example: approved 2h" in shown


def test_a_move_says_what_it_does_to_time_of_the_day(run: Commands) -> None:
    run("log", "acme", "1", "30m", "-m", "x")
    move = ("request", "move", "acme", "ACME-1")
    ran = run(*move, "support", "--ticket", "SUP-1", "-m", "How-to.")
    assert (
        "note: 2026-06-alice/30-1-xyz (30m) of the same day is technical-support now; "
        "it was product-configuration\n" in ran.stdout
    )
    assert "acme has 9h 15m left" in ran.stdout
    run(*move, "support").refused("ACME-1 is in the support channel already")
    assert run(*move, "punchcard").status == 0


def test_a_move_to_punchcard_needs_a_category(run: Commands) -> None:
    run("request", "open", "acme", "x", "--channel", "support")
    move = ("request", "move", "acme", "2", "punchcard")
    run(*move).refused("say what it is with --category")
    assert run(*move, "--category", "onboarding").status == 0


def test_requests_are_listed_with_the_time_spent(run: Commands) -> None:
    run("correct", "acme", "03-1", "15m", "-m", "x")
    support = ("--category", "technical-support")
    run("log", "acme", "1", "30m", "-m", "x", *support)
    ran = run("request", "list", "--format", "json")
    assert list(json.loads(ran.stdout)[0].items()) == [
        *(("customer", "acme"), ("id", "ACME-1"), ("title", "Single sign-on")),
        *(("status", "open"), ("channel", "punchcard"), ("category", "product-configuration")),
        *(("opened", "2026-01-13"), ("opened_by", "dana@acme.example"), ("last_event", None)),
        *(("worked_minutes", 60), ("charged_minutes", 30)),
    ]
    csv = run("request", "list", "--format", "csv").stdout.splitlines()
    assert csv[0].split(",") == list(json.loads(ran.stdout)[0])
    run("request", "update", "acme", "1", "--status", "closed")
    assert run.json("request", "list") == []
    assert "ACME-1" in run("request", "list", "--all").stdout
    assert "ACME-1" in run("request", "list", "--status", "closed").stdout
    assert "ACME-1" not in run("request", "list", "--all", "--channel", "support").stdout


def test_a_request_is_shown_with_its_history_and_time(run: Commands) -> None:
    run("request", "update", "acme", "1", "-m", "Booked.")
    assert run("request", "show", "acme", "1").stdout == (
        "ACME-1  Single sign-on\n"
        "open in punchcard, product-configuration\n"
        "opened 2026-01-13 by dana@acme.example\n\n"
        "2026-06-30  alice: Booked.\n\n"
        "2026-06-03  alice      45m  Kick-off.\n\n"
        "worked 45m, charged 45m\n"
    )
    shown = run.json("request", "show", "acme", "1")
    assert shown["history"][0]["note"] == "Booked."
    assert shown["entries"][0]["reference"] == "2026-06-alice/03-1"
    early = run("request", "show", "acme", "1", "--as-of", "2026-01-01")
    assert early.status == 2
    assert "ACME-1 was not there yet on 2026-01-01" in early.stderr
