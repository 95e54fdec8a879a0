"""``request receive``: mails become requests and answers, once, or go to quarantine."""

import mailbox
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import git
from tests.ledger.intake.conftest import DAY, PASSED, Post, make_mail

SERVER = ("--server", "mx.tools.example")


def test_a_mail_opens_a_request_on_its_own_day_with_its_files(post: Post) -> None:
    mail = make_mail(files={"../Metä data.XML": b"<x/>", "empty.txt": b""})
    (received,) = post.give(mail, options=("--commit",))
    assert (received["outcome"], received["customer"]) == ("opened", "acme")
    name = f"{sha256(b'<x/>').hexdigest()}-Meta-data.XML"
    text = post.read(received["request"])
    assert "opened: 2026-11-27\nopened_by: dana@acme.example\n" in text
    assert 'message_id: "<m1@acme.example>"' in text
    assert f"attachments: [{name}]" in text
    file = post.repository / "customers/acme/requests" / received["request"] / name
    assert file.read_bytes() == b"<x/>"
    post.assert_right(is_clean=True)


def test_the_same_mail_is_taken_once(post: Post) -> None:
    first, second = post.give(make_mail(), make_mail(), options=("--commit",))
    commits = git(post.repository, "rev-list", "--count", "--all")
    (third,) = post.give(make_mail(), options=("--branch", "intake"))
    assert [first["outcome"], second["outcome"], third["outcome"]] == ["opened", "known", "known"]
    assert first["request"] == second["request"] == third["request"]
    assert git(post.repository, "rev-list", "--count", "--all") == commits


def test_a_reply_becomes_an_event_with_the_new_words_alone(post: Post) -> None:
    name = post.give(make_mail())[0]["request"]
    asked = ("--status", "waiting-for-customer", "-m", "Which format?")
    post.update(name, "--category", "detailed-qa", *asked)
    text = (
        "CSV, please.\n\nOn Fri, 27 Nov 2026 at 11:00, Alice <alice@x.example> wrote:\n> Which?\n"
    )
    reply = make_mail(2, subject="Re: Export", text=text, In_Reply_To="<m1@acme.example>")
    (answered,) = post.give(reply)
    assert (answered["outcome"], answered["request"]) == ("answered", name)
    text = post.read(name)
    lines = [line.strip(" -") for line in text.splitlines()]
    event = lines[lines.index('message_id: "<m2@acme.example>"') - 2 :]
    assert event[:2] == ["status: in-progress", "note: CSV, please."]
    assert "-mail.txt" in text
    post.assert_right()


@pytest.mark.parametrize("subject", ["[ACME-14] more", "Re: ACME-14 evidence", "AW: Re: [acme-14]"])
def test_a_subject_names_the_request(post: Post, subject: str) -> None:
    (answered,) = post.give(make_mail(subject=subject, text="Here.\n"))
    assert (answered["outcome"], answered["request"]) == ("answered", "ACME-14")


def test_an_answer_approves_an_estimate_or_closes_the_request(post: Post) -> None:
    name = post.give(make_mail())[0]["request"]
    post.update(name, "--category", "detailed-qa", "--estimate", "3h")
    said = "We approve the estimate of 3h.\n\nApproved: 180\n"
    (approved,) = post.give(make_mail(2, subject=f"[{name}] ok", text=said))
    (closed,) = post.give(make_mail(3, subject=f"[{name}] ok", text="Solved.\n\nStatus: closed\n"))
    assert [approved["outcome"], closed["outcome"]] == ["answered", "answered"]
    lines = [line.strip(" -{}") for line in post.read(name).replace(", ", "\n").splitlines()]
    approval = {"approved_minutes: 180", "note: We approve the estimate of 3h."}
    assert {*lines} >= {*approval, "status: closed", "note: Solved."}
    post.assert_right()


def test_a_subject_says_what_its_sender_is_told(post: Post) -> None:
    """As it is written by the portal's links, and by mail programs that leave a list."""
    mail = make_mail(subject="Notices: none", text="Send me no notices\n")
    for outcome in ("changed", "known"):
        (said,) = post.give(mail, options=("--commit",))
        assert (said["outcome"], said["request"]) == (outcome, None)
    accounts = (post.repository / "customers/acme/accounts.yml").read_text()
    assert accounts.count("notices: none") == 1
    stranger = make_mail(subject="Notices: all", sender="eve@else.example")
    assert post.give(stranger)[0]["outcome"] == "refused"


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        (PASSED, "opened"),
        ("mx.tools.example; spf=pass smtp.mailfrom=dana@acme.example", "opened"),
        ("mx.tools.example; dkim=pass header.d=mail.acme.example", "opened"),
        ("mx.tools.example 1; dkim=pass header.i=@acme.example", "opened"),
        ("mx.tools.example; dkim=pass header.d=evil.example", "refused"),
        ("mx.tools.example; dkim=pass header.d=notacme.example", "refused"),
        ("mx.tools.example; spf=pass smtp.mailfrom=a@evil.example; dmarc=fail", "refused"),
        ("mx.tools.example; dkim=pass header.d=acme.example; dmarc=fail", "refused"),
        ("mx.evil.example; dmarc=pass header.from=acme.example", "refused"),
        ("mx.tools.example; none", "refused"),
        ("", "refused"),
    ],
)
def test_only_our_servers_checks_count(post: Post, results: str, outcome: str) -> None:
    mail = make_mail(Authentication_Results=results) if results else make_mail()
    (received,) = post.give(mail, options=SERVER)
    assert received["outcome"] == outcome


def test_an_older_line_of_our_server_may_be_forged(post: Post) -> None:
    newest_first = b"Authentication-Results: mx.tools.example; dmarc=fail\n" + make_mail(
        Authentication_Results=PASSED
    )
    (received,) = post.give(newest_first, options=SERVER)
    assert received["outcome"] == "refused"


def test_a_refused_mail_is_kept_with_its_reason(post: Post) -> None:
    mail = make_mail(sender="nobody@acme.example")
    (refused,) = post.give(mail)
    assert "nobody's account" in refused["reason"]
    (kept,) = post.list_kept()
    assert kept["reason"] == refused["reason"]
    assert Path(kept["file"]).read_bytes() == mail
    post.give(mail)
    assert len(post.list_kept()) == 1


def test_a_dry_run_writes_nothing(post: Post) -> None:
    received = post.give(
        make_mail(), make_mail(2, sender="nobody@acme.example"), options=("--commit", "--dry-run")
    )
    assert [each["outcome"] for each in received] == ["opened", "refused"]
    post.assert_right(is_clean=True)
    assert post.list_kept() == []


def test_a_maildir_goes_on_where_it_stopped(post: Post, tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    for number in range(3):
        box.add(make_mail(number, Authentication_Results=PASSED))
    source = ("--maildir", tmp_path / "box", *SERVER, "--commit")
    assert [each["outcome"] for each in post.run(*source)] == ["opened"] * 3
    assert post.run(*source) == []
    box.add(make_mail(4, Authentication_Results=PASSED))
    assert [each["outcome"] for each in post.run(*source)] == ["opened"]


def test_an_mbox_may_be_given_again(post: Post, tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(2):
        box.add(make_mail(number, Authentication_Results=PASSED))
    box.close()
    source = ("--mbox", tmp_path / "box", *SERVER)
    assert [each["outcome"] for each in post.run(*source)] == ["opened"] * 2
    assert [each["outcome"] for each in post.run(*source)] == ["known"] * 2


def test_mailboxes_need_a_server_that_checks(post: Post, tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "box")
    ran = post.punchcard(post.repository, "request", "receive", "--maildir", tmp_path / "box")
    assert ran.status == 2
    assert "--server" in ran.stderr


def test_two_at_once_take_a_mail_once(post: Post, tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(make_mail())
    command = [sys.executable, "-m", "ledger.cli", "request", "receive", str(file), "--commit"]
    ran = [
        subprocess.Popen(
            [*command, *DAY], cwd=post.repository, stdout=subprocess.PIPE, env=os.environ.copy()
        )
        for _ in range(4)
    ]
    said = b"".join(process.communicate(timeout=100)[0] for process in ran)
    assert said.count(b"opened") == 1
    assert said.count(b"has it already") == 3


@pytest.mark.parametrize("broken", ["accounts.yml", "requests/ACME-2.yml", "purchases.yml"])
def test_a_mail_waits_while_the_customers_files_have_errors(
    post: Post, tmp_path: Path, broken: str
) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    box.add(make_mail(1, subject="[ACME-2] more", Authentication_Results=PASSED))
    box.add(make_mail(2, Authentication_Results=PASSED.replace("pass", "none")))
    box.add(make_mail(3, subject="Notices: none", Authentication_Results=PASSED))
    file = post.repository / "customers/acme" / broken
    before = file.read_bytes()
    file.write_bytes(before + b"\tno YAML\n")
    for _again in range(2):
        received = post.run("--maildir", tmp_path / "box", *SERVER)
        waiting = {each["message_id"] for each in received if each["outcome"] == "postponed"}
        assert waiting == {"<m1@acme.example>", "<m3@acme.example>"}
    assert len(post.list_kept()) == 1  # the one that nobody vouches for
    file.write_bytes(before)
    received = post.run("--maildir", tmp_path / "box", *SERVER)
    assert {each["outcome"] for each in received} == {"answered", "changed"}
    assert len(post.list_kept()) == 1


def test_a_mail_waits_for_what_is_not_committed_yet(post: Post) -> None:
    (opened,) = post.give(make_mail())
    answer = make_mail(2, subject=f"[{opened['request']}] more")
    (postponed,) = post.give(answer, options=("--commit",))
    assert (postponed["outcome"], postponed["request"]) == ("postponed", opened["request"])
    git(post.repository, "add", "--all")
    git(post.repository, "commit", "--quiet", "--message", "The request")
    assert post.give(answer, options=("--commit",))[0]["outcome"] == "answered"
    assert post.list_kept() == []


def test_a_branch_has_answers_to_its_own_requests_and_to_those_of_the_main_one(post: Post) -> None:
    (opened,) = post.give(make_mail(), options=("--branch", "intake"))
    opening = ("request", "open", "acme", "By us", "--category", "detailed-qa", "--by", "alice")
    day = ("--date", "2026-11-27", *DAY)
    assert post.punchcard(post.repository, *opening, "--commit", *day).status == 0
    answers = [
        make_mail(2, subject="Re: Export", In_Reply_To="<m1@acme.example>"),
        make_mail(3, subject="[ACME-16] more"),
    ]
    answered = post.give(*answers, options=("--branch", "intake"))
    assert [each["outcome"] for each in answered] == ["answered"] * 2
    assert [each["request"] for each in answered] == [opened["request"], "ACME-16"]


def test_a_sender_in_a_broken_encoding_is_refused_like_others(post: Post) -> None:
    mail = make_mail().replace(b"<dana@", b"<d\xe4na\xff@")
    (refused,) = post.give(mail)
    assert "nobody's account" in refused["reason"]
    assert Path(post.list_kept()[0]["file"]).read_bytes() == mail
