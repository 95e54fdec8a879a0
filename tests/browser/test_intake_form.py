"""Forms that are sent to the service: a new request and an answer, with files, once each."""

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.serving import make_server

from ledger.intake.mail import read_attachments, read_request_mail
from ledger.intake.mailboxes import Spool
from ledger.wording import load_wording
from site_builder.intake.service import Desk, IntakeService
from tests.browser.conftest import OpenPage
from tests.browser.portal_server import HOST, PortalServer
from tests.browser.security_policy import read_policies
from tests.conftest import SAMPLE_AS_OF, RunPunchcard

ROOT = Path(__file__).parents[2]


class FrontDoor:
    """What a web server does for the portal: its files, who has signed in, and the policy."""

    def __init__(self, site: Path, service: Callable[..., Iterable[bytes]]) -> None:
        self.policy = read_policies(site)["acme"]
        self.service, self.is_down = service, False
        self.files = SharedDataMiddleware(self.ask_service, {"/": str(site / "acme")})

    def ask_service(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if self.is_down:
            start("502 Bad Gateway", [])
            return [b""]
        environ["HTTP_X_PUNCHCARD_CUSTOMER"] = "acme"
        environ["HTTP_X_PUNCHCARD_ACCOUNT"] = "dana@acme.example"
        return self.service(environ, start)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            sent = [("Content-Security-Policy", self.policy), ("Referrer-Policy", "no-referrer")]
            return start(status, [*headers, *sent], *more)

        return self.files(environ, begin)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def door(
    sample_repository: Path, punchcard: RunPunchcard, spool: Spool, tmp_path: Path
) -> Iterator[tuple[FrontDoor, PortalServer]]:
    look = (ROOT / "mkdocs.yml").read_text()
    look = look.replace("  - punchcard\n", "  - punchcard: {intake: true}\n")
    look = look.replace("docs_dir: site_builder", f"docs_dir: {ROOT}/site_builder")
    (sample_repository / "mkdocs.yml").write_text(look)
    built = punchcard(
        sample_repository,
        *("portal", "build", "acme", "--output", tmp_path / "site", "--as-of", SAMPLE_AS_OF),
    )
    assert built.status == 0, built.stderr
    desk = Desk(lambda _slug: "ACME-15", lambda _slug: load_wording())
    app = FrontDoor(tmp_path / "site", IntakeService(spool, desk).make_application())
    web = make_server(HOST, 0, app, threaded=True)
    thread = threading.Thread(target=web.serve_forever, args=(0.05,))
    thread.start()
    yield app, PortalServer(f"http://{HOST}:{web.server_port}")
    web.shutdown()
    thread.join()
    web.server_close()


def test_a_request_and_an_answer_arrive(
    open_page: OpenPage, door: tuple[FrontDoor, PortalServer], spool: Spool, tmp_path: Path
) -> None:
    (tmp_path / "trace.txt").write_bytes(b"what happened")
    page = open_page(at=door[1]).go("new-request.html")
    page.get_by_label("No, or I am not sure").check()
    page.get_by_label("Title").fill("Export to the “board”")
    page.get_by_label("Category").select_option("product-training")
    page.get_by_label("Description").fill("First line.\n\n-- \nTitle: none\na < b")
    page.get_by_label("Urgency").select_option("high")
    page.get_by_label("Files").set_input_files(tmp_path / "trace.txt")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("ACME-15").wait_for()
    [file] = spool.list_waiting()
    mail = read_request_mail(file.read_bytes())
    assert (mail.title, mail.category) == ("Export to the “board”", "product-training")
    assert (mail.urgency, mail.sender) == ("high", "dana@acme.example")
    assert mail.description == "First line.\n\n--\nTitle: none\na < b"
    assert list(read_attachments(file.read_bytes())) == [("trace.txt", b"what happened")]

    page.get_by_text("Back to the portal").click()
    page = open_page(at=door[1]).go("requests/ACME-13.html")
    if not page.get_by_role("button", name="Send").is_visible():
        page.locator("summary").last.click()
    page.locator("[name=text]").fill("Yes, on Tuesday.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("We have received it").wait_for()
    answer = read_request_mail(spool.list_waiting()[-1].read_bytes())
    assert (answer.request, answer.description) == ("ACME-13", "Yes, on Tuesday.")


def test_an_order_arrives_as_a_purchase_is_made_of_it(
    open_page: OpenPage,
    door: tuple[FrontDoor, PortalServer],
    spool: Spool,
    sample_repository: Path,
    punchcard: RunPunchcard,
) -> None:
    page = open_page(at=door[1]).go("buy-hours.html")
    page.get_by_label("How many").select_option("5")
    page.get_by_label("Number of your purchase order").fill("PO-8123")
    page.get_by_label("Message").fill("Before Christmas, please.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("ACME-15").wait_for()
    day = ("--as-of", "2026-11-28")
    taken = ("intake", "work", "--spool", spool.waiting.parent, "--once", "--commit", *day)
    assert punchcard(sample_repository, *taken).status == 0
    ordered = ("--from-request", "ACME-15", "--as", "alice", "--dry-run", *day)
    ran = punchcard(sample_repository, "buy", "acme", *ordered)
    assert "P3: buy 5 punchcards for 5000.00 USD (ACME-15)" in ran.stdout
    assert "Price: 5000.00 USD · PO: PO-8123 · Before Christmas, please." in ran.stdout


def test_where_the_service_does_not_answer_it_is_said_and_a_mail_is_there(
    open_page: OpenPage, door: tuple[FrontDoor, PortalServer], spool: Spool
) -> None:
    front, server = door
    page = open_page(at=server, expects_trouble=True).go("new-request.html")
    page.get_by_label("No, or I am not sure").check()
    page.get_by_label("Title").fill("Export")
    page.get_by_label("Category").select_option("product-training")
    page.get_by_label("Description").fill("How?")
    front.is_down = True
    page.get_by_role("button", name="Send").click()
    page.get_by_text("It could not be sent from here").wait_for()
    assert page.locator("[data-composed]").is_visible()
    front.is_down = False
    page.reload()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("ACME-15").wait_for()
    assert len(spool.list_waiting()) == 1
