"""A customer and a consultant talk: at a real web server, in a real browser, over the ledger."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.conftest import RunPunchcard, commit_all, git
from tests.web.portal_world import DOMAIN
from tests.web.test_intake import serving
from tests.web.web_server import HOST, RUNNERS, find_free_port, make_certificate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
DANA = "dana@acme.example"
DAY = ("--as-of", "2026-11-28")
RESOLVER = f"--host-resolver-rules=MAP *.{DOMAIN} {HOST}, MAP * ~NOTFOUND, EXCLUDE {HOST}"


class Talk:
    """The ledger, what is served of it, and the programs between them."""

    def __init__(self, root: Path, home: Path, punchcard: RunPunchcard) -> None:
        self.root, self.home, self._punchcard = root, home, punchcard
        self.served, self.spool, self.socket = home / "served", home / "spool", home / "in.sock"

    def run(self, *arguments: object) -> str:
        ran = self._punchcard(self.root, *arguments, *DAY)
        assert ran.status == 0, ran
        return ran.stdout

    def work(self, *options: object) -> str:
        return self.run("intake", "work", "--spool", self.spool, "--once", *options)

    def publish(self) -> None:
        self.run("portal", "publish", "--to", self.served, "--jobs", 1)

    def read(self, name: str) -> str:
        return (self.root / f"customers/acme/requests/{name}.yml").read_text("utf-8")

    @contextmanager
    def open_portal(self, browser: Browser, server: str) -> Iterator[tuple[Page, str]]:
        """Serve the portals, and sign in with a key of one's own; yield a page and its place."""
        invitation = self.run("account", "key", "acme", DANA, "--domain", DOMAIN, "--commit")
        [key] = re.findall(r"Key: +(\S+)", invitation)
        self.publish()
        port, access = find_free_port(), self.home / "access"
        where = ("--domain", DOMAIN, "--listen", f"{HOST}:{port}", "--log", self.home / "log")
        tls = ("--certificate", *make_certificate(self.home, f"DNS:*.{DOMAIN}"))
        access.mkdir()
        self.run(
            *("portal", "access", "--to", access, "--server", server, "--portals", self.served),
            *(*where, *tls, "--intake", self.socket, "--no-reload"),
        )
        here = browser.browser_type.launch(
            executable_path=CHROMIUM,
            chromium_sandbox=os.geteuid() != 0,
            args=[*(flag for flag in FLAGS if "resolver" not in flag), RESOLVER],
        )
        with (
            serving(self.root, self.spool, self.socket),
            RUNNERS[server](access, self.home / "server", port),
        ):
            context = here.new_context(
                ignore_https_errors=True,
                http_credentials={"username": DANA, "password": key},
                locale="en-GB",
            )
            yield context.new_page(), f"https://acme.{DOMAIN}:{port}"
            context.close()
        here.close()


@pytest.fixture
def talk(sample_repository: Path, tmp_path: Path, punchcard: RunPunchcard) -> Talk:
    look = (ROOT / "mkdocs.yml").read_text()
    look = look.replace("  - punchcard\n", "  - punchcard: {intake: true}\n")
    look = look.replace("docs_dir: site_builder", f"docs_dir: {ROOT}/site_builder")
    (sample_repository / "mkdocs.yml").write_text(look)
    commit_all(sample_repository)
    return Talk(sample_repository, tmp_path, punchcard)


def ask_anew(page: Page, address: str) -> None:
    """Fill in and send the form of a new request, and see the number of it."""
    page.goto(f"{address}/new-request.html")
    page.get_by_label("No, or I am not sure").check()
    page.get_by_label("Title").fill("Dashboards for the board")
    page.get_by_label("Category").select_option("product-training")
    page.get_by_label("Description").fill("Once a month, as a picture.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("We have received it").wait_for()
    assert page.get_by_text("ACME-15").is_visible()


def test_a_request_and_its_answers_go_the_whole_way(browser: Browser, talk: Talk) -> None:
    with talk.open_portal(browser, "nginx") as (page, address):
        ask_anew(page, address)
        missing = page.goto(f"{address}/requests/ACME-15.html")
        assert missing is not None
        assert missing.status == 404
        said = talk.work("--publish", talk.served)
        assert "ACME-15 opened for acme" in said
        assert "portal of acme: published" in said
        page.reload()
        page.get_by_text("nobody has started on it yet").wait_for()

        # Receipts say so, too.
        page.go_back()
        page.reload()
        page.get_by_text("It is on record").wait_for()

        git(talk.root, "merge", "--quiet", "intake")
        [day] = re.findall(r"^opened: (\S+)", talk.read("ACME-15"), re.MULTILINE)
        talk.run(
            *("request", "update", "acme", "ACME-15", "--by", "alice", "--date", day, "--commit"),
            *("--status", "waiting-for-customer", "-m", "Which board?"),
        )
        talk.publish()
        page.goto(f"{address}/requests/ACME-15.html")
        page.get_by_text("It is your turn").wait_for()
        assert page.get_by_role("figure").inner_text().startswith("Which board?\nAlice Moreau")
        page.locator("[name=text]").fill("The supervisory board.")
        page.reload()
        assert page.get_by_text("This is a draft").is_visible()
        page.get_by_role("button", name="Send").click()
        page.get_by_text("We have received it").wait_for()
        for _again in range(2):
            talk.work("--publish", talk.served)
        page.goto(f"{address}/requests/ACME-15.html")
        page.get_by_text("answered on").wait_for()
        history = page.locator(".timeline .note").all_inner_texts()
        assert history == ["Which board?", "The supervisory board."]
        assert page.get_by_text("This is a draft").is_hidden()

        # What the buttons say arrives as more than words.
        for update, press, arrives in (
            (("--estimate", "2h"), ("Approve 2h",), "approved_minutes: 120"),
            (("--status", "resolved"), ("Close it", "Still a problem"), "status: in-progress"),
            (("--status", "resolved"), ("Still a problem", "Close it"), "status: closed"),
        ):
            git(talk.root, "merge", "--quiet", "intake")
            asked = ("request", "update", "acme", "ACME-15", *update, "-m", "So?", "--date", day)
            talk.run(*asked, "--by", "alice", "--commit")
            talk.publish()
            page.goto(f"{address}/requests/ACME-15.html")
            for name in press:
                page.get_by_role("link", name=name).click()
            page.get_by_role("button", name="Send").click()
            page.get_by_text("We have received it").wait_for()
            talk.work("--publish", talk.served)
            written = git(talk.root, "show", "intake:customers/acme/requests/ACME-15.yml")
            assert arrives in written.rpartition("dana@acme.example")[2]
    git(talk.root, "merge", "--quiet", "intake")
    written = talk.read("ACME-15")
    assert [written.count(each) for each in ("Which board?", "The supervisory board.")] == [1, 1]
    assert git(talk.root, "status", "--porcelain") == ""
    talk.run("check")
    assert git(talk.root, "fsck", "--no-dangling") == ""


def test_at_caddy_a_request_goes_the_whole_way(browser: Browser, talk: Talk) -> None:
    with talk.open_portal(browser, "caddy") as (page, address):
        ask_anew(page, address)
        talk.work("--commit", "--publish", talk.served)
        page.goto(f"{address}/requests/ACME-15.html")
        page.get_by_text("nobody has started on it yet").wait_for()
    assert "Once a month, as a picture." in talk.read("ACME-15")
    talk.run("check")
