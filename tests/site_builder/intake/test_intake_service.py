"""What the service for forms takes, and what it refuses."""

import gc
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ledger.intake.mail import read_attachments, read_request_mail
from ledger.intake.mailboxes import Spool
from ledger.wording import load_wording
from site_builder.intake.service import Desk, IntakeService

HOST = "acme.portals.example"
BY_SERVER = {"X-Punchcard-Customer": "acme", "X-Punchcard-Account": "dana@acme.example"}
OWN = {"Host": HOST, "Origin": f"https://{HOST}"}


class Browser:
    """Sends forms as a portal's page does, through the web server."""

    def __init__(self, client: FlaskClient, spool: Spool) -> None:
        self.client, self.spool, self.now = client, spool, 0.0

    def ask_token(self, start: str = "/intake/", **headers: str) -> dict[str, str]:
        answer = self.client.get(start, headers={**BY_SERVER, "Host": HOST, **headers})
        assert answer.status_code == 200, answer.text
        given: dict[str, str] = answer.get_json()
        return given

    def send(
        self, headers: Mapping[str, str] | None = None, *, start: str = "/intake/", **fields: Any
    ) -> TestResponse:
        # A token of another second is another one, and the cookie has the last.
        given = {} if {"token", "form_id"} <= fields.keys() else self.ask_token(start)
        form = {"title": "Export", "text": "How do we export?", **given, **fields}
        headers = {**BY_SERVER, **OWN, **(headers or {})}
        return self.client.post(start, data=form, headers=headers)

    def read_receipt(self, answer: TestResponse, **headers: str) -> TestResponse:
        assert answer.status_code == 303, answer.text
        place = f"/intake/{answer.headers['Location']}"
        return self.client.get(place, headers={**BY_SERVER, "Host": HOST, **headers})

    def list_texts(self) -> list[str]:
        files = self.spool.list_waiting()
        return [read_request_mail(file.read_bytes()).description or "" for file in files]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    spool = Spool(tmp_path / "spool")
    desk = Desk(lambda slug: f"{slug.upper()}-14", lambda _slug: load_wording(), have_colour=True)
    made: list[Browser] = []
    app = IntakeService(spool, desk, lambda: made[0].now).make_application()
    with app.test_client() as client:
        made.append(Browser(client, spool))
        yield made[0]


def test_a_form_is_on_the_disk_when_it_is_answered(browser: Browser) -> None:
    answer = browser.send(category="detailed-qa", urgency="high", text="Äh, <b>so</b>\r\n-- \r\n1")
    [file] = browser.spool.list_waiting()
    mail = read_request_mail(file.read_bytes())
    assert mail.sender == "dana@acme.example"
    assert (mail.title, mail.category, mail.urgency) == ("Export", "detailed-qa", "high")
    assert mail.description == "Äh, <b>so</b>\n--\n1"
    assert mail.message_id == f"<{answer.headers['Location']}@intake.acme>"
    page = browser.read_receipt(answer)
    assert "ACME-14" in page.text
    assert "../index.html" in page.text
    assert 'href="../assets/stylesheets/brand.css"' in page.text
    assert "ACME-15" in browser.read_receipt(browser.send()).text


def test_below_a_path_a_form_is_taken_too(browser: Browser) -> None:
    assert browser.send(start="/acme/intake/").status_code == 303


def test_an_answer_names_its_request(browser: Browser) -> None:
    answer = browser.send(request="ACME-2", title="")
    assert read_request_mail(browser.spool.list_waiting()[0].read_bytes()).request == "ACME-2"
    assert "ACME-2" in browser.read_receipt(answer).text


def test_sent_twice_it_is_one(browser: Browser) -> None:
    token = browser.ask_token()
    for _time in range(3):
        assert browser.send(None, **token).headers["Location"] == token["form_id"]
    assert len(browser.spool.list_waiting()) == 1
    assert browser.send(None, **{**token, "text": "Another"}).status_code == 409
    assert browser.list_texts() == ["How do we export?"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": f"https://{HOST}.evil.example"},
        {"Origin": f"https://{HOST}:444"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
        {"Origin": "https://evil.example", "Forwarded": "host=evil.example"},
    ],
)
def test_what_another_site_sends_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    assert browser.send(headers).status_code == 403
    assert browser.spool.list_waiting() == []


def test_a_page_that_sends_no_referrer_is_known_by_what_the_browser_says(browser: Browser) -> None:
    assert browser.send({"Origin": "null", "Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_a_token_is_needed_that_is_the_persons_own(browser: Browser) -> None:
    assert browser.send(token="").status_code == 403
    assert browser.send(token="made-up").status_code == 403
    others = browser.ask_token(**{"X-Punchcard-Account": "eve@acme.example"})["token"]
    assert browser.send(token=others).status_code == 403
    elsewhere = browser.ask_token(**{"X-Punchcard-Customer": "beta"})["token"]
    assert browser.send(token=elsewhere).status_code == 403
    mine = browser.ask_token()["token"]
    browser.client.delete_cookie("punchcard-intake", domain=HOST, path="/intake")
    headers = {**BY_SERVER, **OWN}
    fields = {"title": "x", "text": "y", "token": mine, "form_id": "f" * 20}
    assert browser.client.post("/intake/", data=fields, headers=headers).status_code == 403
    assert browser.spool.list_waiting() == []


def test_who_it_is_comes_from_the_web_server_alone(browser: Browser) -> None:
    answer = browser.send(
        {"X-Forwarded-User": "eve@acme.example", "Remote-User": "eve@acme.example"},
        **{"account": "eve@acme.example", "customer": "beta", "from": "eve@acme.example"},
    )
    assert answer.status_code == 303
    [file] = browser.spool.list_waiting()
    assert file.name.startswith("acme.")
    assert read_request_mail(file.read_bytes()).sender == "dana@acme.example"
    for missing in BY_SERVER:
        assert browser.client.get("/intake/", headers={**BY_SERVER, missing: ""}).status_code == 403


def test_a_receipt_is_shown_to_whom_it_belongs(browser: Browser) -> None:
    answer = browser.send()
    other = {"X-Punchcard-Account": "eve@acme.example"}
    assert browser.read_receipt(answer, **other).status_code == 404
    assert browser.read_receipt(answer, **{"X-Punchcard-Customer": "beta"}).status_code == 404
    for path in ("..%2fsecret", "%2e%2e", "x" * 20, "a.b"):
        assert browser.client.get(f"/intake/{path}", headers=BY_SERVER).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"request": "BETA-2"}, 404),
        ({"request": "ACME-14"}, 404),
        ({"request": "../../x"}, 404),
        ({"text": " "}, 400),
        ({"title": ""}, 400),
        ({"form_id": "../../../x" * 3}, 400),
        ({"form_id": ""}, 400),
        ({"text": "x" * 60_000}, 400),
        ({"text": "x" * 500_000}, 400),
    ],
)
def test_what_cannot_be_is_refused(browser: Browser, fields: dict[str, str], status: int) -> None:
    answer = browser.send(None, **fields)
    assert (answer.status_code, browser.spool.list_waiting()) == (status, [])
    assert "<h1>" in answer.text


def test_files_are_kept_and_never_run(browser: Browser) -> None:
    names = ["../../../etc/passwd", "a\x1b]b\u202e.txt", "x.svg", "x.html"]
    files = [(io.BytesIO(b"<script>1</script>"), name) for name in names]
    answer = browser.send(files=files)
    [file] = browser.spool.list_waiting()
    assert file.parent == browser.spool.waiting
    kept = list(read_attachments(file.read_bytes()))
    assert [content for _name, content in kept] == [b"<script>1</script>"] * 4
    assert all(name.isprintable() for name, _content in kept)
    assert "script" not in browser.read_receipt(answer).text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("count", "size"), [(1, 11_000_000), (2, 9_000_000), (21, 1)])
def test_what_is_too_large_is_refused(browser: Browser, count: int, size: int) -> None:
    files = [(io.BytesIO(b"x" * size), f"{number}.bin") for number in range(count)]
    answer = browser.send(files=files)
    assert (answer.status_code, browser.spool.list_waiting()) == (413, [])
    del answer, files
    gc.collect()  # The test client leaves its temporary files open.


def test_nobody_sends_without_end(browser: Browser) -> None:
    found = [browser.send().status_code for _number in range(32)]
    assert found == [303] * 30 + [429] * 2
    browser.now += 601
    assert browser.send().status_code == 303


def test_other_methods_have_no_answer(browser: Browser) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert browser.client.open("/intake/", method=method, headers=BY_SERVER).status_code == 405
