"""Gives messages to ``request receive`` and reads what it says."""

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunPunchcard, git

DAY = ("--as-of", "2026-11-28")
PASSED = "mx.tools.example; dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example"


def make_mail(
    number: int = 1,
    *,
    sender: str = "Dana Whitfield <dana@acme.example>",
    subject: str = "Export of the audit trail",
    text: str = "How do we export it?\n",
    files: dict[str, bytes] | None = None,
    **headers: str,
) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    message["Message-ID"] = f"<m{number}@acme.example>"
    message["Date"] = "Fri, 27 Nov 2026 10:00:00 +0100"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, content in (files or {}).items():
        message.add_attachment(content, "application", "octet-stream", filename=name)
    return message.as_bytes()


class Post:
    """Gives messages to the command and reads what it says."""

    def __init__(self, folder: Path, punchcard: RunPunchcard, repository: Path) -> None:
        self.folder, self.punchcard, self.repository = folder, punchcard, repository

    def give(self, *mails: bytes, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        paths = [self.folder / f"{number}.eml" for number in range(len(mails))]
        for path, mail in zip(paths, mails, strict=True):
            path.write_bytes(mail)
        return self.run(*paths, *options)

    def give_json(self, message: Any, *options: str) -> dict[str, Any]:
        file = self.folder / "message.json"
        file.write_text(json.dumps(message))
        (received,) = self.run("--json", file, *options)
        return received

    def run(self, *arguments: object) -> list[dict[str, Any]]:
        receive = ("request", "receive", *arguments, *DAY, "--format", "json")
        ran = self.punchcard(self.repository, *receive)
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        outcomes = {each["outcome"] for each in found}
        assert ran.status == (2 if "postponed" in outcomes else "refused" in outcomes), ran
        return found

    def list_kept(self) -> list[dict[str, Any]]:
        command = ("request", "receive", "--quarantine", "--format", "json")
        kept: list[dict[str, Any]] = json.loads(self.punchcard(self.repository, *command).stdout)
        return kept

    def update(self, name: str, *options: str) -> None:
        command = ("request", "update", "acme", name, "--by", "alice", *options, *DAY)
        ran = self.punchcard(self.repository, *command, "--date", "2026-11-27")
        assert ran.status == 0, ran

    def read(self, name: str) -> str:
        return (self.repository / f"customers/acme/requests/{name}.yml").read_text("utf-8")

    def assert_right(self, *, is_clean: bool = False) -> None:
        """Assert that the ledger has no errors, and the work tree no changes."""
        assert self.punchcard(self.repository, "check", *DAY).status == 0
        assert not is_clean or git(self.repository, "status", "--porcelain") == ""


@pytest.fixture
def post(tmp_path: Path, punchcard: RunPunchcard, sample_repository: Path) -> Post:
    (tmp_path / "mails").mkdir()
    return Post(tmp_path / "mails", punchcard, sample_repository)
