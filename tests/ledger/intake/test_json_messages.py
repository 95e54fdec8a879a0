"""Messages as JSON: each is recorded once, or refused with what is wrong; the webhook works."""

import hashlib
import hmac
import http.client
import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import RunPunchcard, git
from tests.ledger.intake.conftest import DAY, Post
from tests.ledger.notices.mail_server import run_web_server

PAGE = Path(__file__).parents[3] / "docs/connectors.md"
MESSAGE = {
    "from": "dana@acme.example",
    "message_id": "<t1@help.example>",
    "title": "Export of the\naudit trail",
    "category": "detailed-qa",
    "urgency": "high",
    "text": "How do we\r\nexport it?",
    "sent": "2026-11-27T23:30:00Z",
}


def test_a_message_opens_a_request_once_and_is_answered(post: Post) -> None:
    assert post.give_json(MESSAGE, "--dry-run")["outcome"] == "opened"
    post.assert_right(is_clean=True)
    opened = post.give_json(MESSAGE, "--commit")
    assert (opened["outcome"], opened["customer"]) == ("opened", "acme")
    text = post.read(opened["request"])
    for line in ("title: Export of the audit trail", "category: detailed-qa", "urgency: high"):
        assert f"{line}\n" in text
    assert "opened: 2026-11-28\nopened_by: dana@acme.example\n" in text  # In the provider's zone.
    assert text.endswith("description: |\n  How do we\n  export it?\n")
    again = post.give_json({**MESSAGE, "title": "Something else"})
    assert (again["outcome"], again["request"]) == ("known", opened["request"])
    answer = {key: MESSAGE[key] for key in ("from", "text")} | {"message_id": "<t2@help.example>"}
    answered = post.give_json({**answer, "request": opened["request"].lower()}, "--commit")
    assert (answered["outcome"], answered["request"]) == ("answered", opened["request"])
    assert "<t2@help.example>" in post.read(opened["request"])
    post.assert_right()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"from": "eve@evil.example"}, "eve@evil.example is nobody's account"),
        ({"customer": "brightwater"}, "is an account of acme, not of brightwater"),
        ({"request": "ACME-9999"}, "it names ACME-9999, which is no request of acme"),
        ({"charge": 0}, "the message's key 'charge' is no key of a message"),
        ({"category": "technical-support"}, "a request is never charged as technical-support"),
        ({"category": "detailed-qs"}, "'detailed-qs' is no category"),
        ({"message_id": "t1"}, "the message's key 'message_id' is not a message id"),
        ({"sent": "2026-11-27T10:00:00"}, "the message's key 'sent' is not right"),
        ({"text": "x" * 50_001}, "the message's key 'text' is not right"),
        ({"title": None}, "a new request has a title, an answer names its request"),
    ],
)
def test_what_is_refused_is_kept_with_its_reason(
    post: Post, change: dict[str, Any], reason: str
) -> None:
    refused = post.give_json({**MESSAGE, **change}, "--commit")
    assert refused["outcome"] == "refused"
    assert reason in refused["reason"]
    assert [each["reason"] for each in post.list_kept()] == [refused["reason"]]
    post.assert_right(is_clean=True)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"from": "\ud83d"}', '{"from": 1}', "9" * 2**21])
def test_no_message_at_all_is_refused(post: Post, text: str) -> None:
    file = post.folder / "message.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    (refused,) = post.run("--json", file)
    assert refused["reason"].startswith("the message")


def test_the_schema_says_what_a_message_is(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ran = punchcard(tmp_path, "request", "receive", "--json-schema")
    validator = Draft202012Validator(json.loads(ran.stdout))
    example = re.search("```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    validator.validate(json.loads(example[1]))
    validator.validate(MESSAGE)
    assert not validator.is_valid({**MESSAGE, "charge": 0})


def test_the_webhook_of_the_page_takes_an_issue_once(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = f'{shlex.quote(sys.executable)} -m ledger.cli "$@" {shlex.join(DAY)} --format json'
    (tmp_path / "punchcard").write_text(f"#!/bin/sh\nexec {command}\n")
    (tmp_path / "punchcard").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PUNCHCARD_LEDGER", str(post.repository / "customers"))
    monkeypatch.setenv("WEBHOOK_SECRET", "secret")
    source = re.search("```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert source is not None
    names: dict[str, Any] = {}
    exec(source[1], names)
    issue = {"node_id": "I_1", "title": "Export", "body": "How?", "created_at": MESSAGE["sent"]}
    event = {"action": "opened", "issue": issue, "sender": {"login": "dana-w"}}
    stranger = {**event, "sender": {"login": "eve"}}
    with run_web_server(names["webhook"]) as port:
        assert send(port, event, "wrong")[0] == 403
        assert send(port, stranger, "secret")[0] == 204
        answers = [send(port, event, "secret") for _ in range(2)]
    assert [status for status, _body in answers] == [200, 200]
    first, second = (json.loads(body)[0] for _status, body in answers)
    assert (first["outcome"], second["outcome"]) == ("opened", "known")
    path = f"intake:customers/acme/requests/{first['request']}.yml"
    assert "title: Export\n" in git(post.repository, "show", path)


def send(port: int, event: dict[str, Any], secret: str) -> tuple[int, bytes]:
    body = json.dumps(event).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/", body, {"X-Hub-Signature-256": f"sha256={signature}"})
    answer = connection.getresponse()
    status, content = answer.status, answer.read()
    connection.close()
    return status, content
