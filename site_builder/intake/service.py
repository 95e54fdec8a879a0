"""The application that takes forms: ``POST intake/``, and shows what became of one.

The web server says in two headers which portal it is and who has signed in; it sets them at each
request, whatever a client sends. Nothing of that is ever taken from the form or the host name. A
form needs a token of this service, bound to that person and in a cookie, too, and has to be sent
by a page of the same host. "Received" is answered when the form is on the disk.
"""

import hmac
import re
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from urllib.parse import urlsplit

import jinja2
from flask import Flask, Response, make_response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException

from ledger.errors import LedgerError
from ledger.intake.mail import read_request_mail
from ledger.intake.mailboxes import Form, Spool
from ledger.intake.receive import MAX_ATTACHMENT_BYTES, MOST_ATTACHMENTS
from ledger.wording import Wording

CUSTOMER_HEADER, ACCOUNT_HEADER = "X-Punchcard-Customer", "X-Punchcard-Account"
MAX_FORM_BYTES = 16 * 1024 * 1024
_MAX_TEXT_BYTES = 400_000
_COOKIE = "punchcard-intake"
_TOKEN_SECONDS = 7 * 24 * 3600
_WINDOW_SECONDS, _MOST_IN_WINDOW = 600, 30
_FORM_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_REQUEST = re.compile(r"[A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,8}")
_FIELDS = ("text", "form_id", "title", "category", "urgency", "request")
_NOT_SURE = "unsure"
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True
)


class Desk(NamedTuple):
    """Finds the next request's id, if known, and the words; ``have_colour``: of the provider's."""

    find_next_id: Callable[[str], str | None]
    find_wording: Callable[[str], Wording]
    have_colour: bool = False


class Sender(NamedTuple):
    """Who has signed in, at which portal."""

    customer: str
    account: str


class _RefusedFormError(HTTPException):
    """A form that is not taken: the status, and the name of the text that says why."""

    def __init__(self, status: int, reason: str, detail: str = "") -> None:
        super().__init__()
        self.code, self.reason, self.detail = status, reason, detail


class IntakeService:
    """Takes forms into a spool folder, and writes nowhere else."""

    def __init__(
        self, spool: Spool, desk: Desk, find_time: Callable[[], float] = time.monotonic
    ) -> None:
        self._spool, self._desk, self._find_time = spool, desk, find_time
        self._signer = URLSafeTimedSerializer(spool.secret, salt="intake")
        self._lock, self._sent = Lock(), defaultdict[Sender, deque[float]](deque)

    def make_application(self) -> Flask:
        """Return the application that a WSGI server runs."""
        app = Flask("punchcard-intake", static_folder=None)
        app.config.update(
            MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
            MAX_FORM_MEMORY_SIZE=_MAX_TEXT_BYTES,
            MAX_FORM_PARTS=2 * MOST_ATTACHMENTS,
        )
        for start in ("/intake/", "/<portal>/intake/"):
            for path, method, view in (
                ("", "GET", self._give_token),
                ("", "POST", self._take_form),
                ("<form_id>", "GET", self._show_receipt),
            ):
                name = f"{method} {start}{path}"
                app.add_url_rule(f"{start}{path}", name, view, methods=[method])
        app.register_error_handler(HTTPException, self._refuse)
        return app

    def _give_token(self, **_portal: str) -> Response:
        """Answer with what a form has to bring: a token, and an id of its own."""
        token = str(self._signer.dumps(list(_find_sender())))
        answer = make_response({"token": token, "form_id": secrets.token_urlsafe(18)})
        # Without a path the browser takes that of this address.
        answer.set_cookie(_COOKIE, token, path=None, httponly=True, samesite="Strict")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _take_form(self, **_portal: str) -> Response:
        """Keep a form, and lead to its receipt."""
        sender = _find_sender()
        _require_own_page()
        self._require_token(sender)
        form = self._read_form(sender)
        source = form.to_mail(datetime.now(UTC))
        try:
            tuple(read_request_mail(source).files)  # as the worker will
        except LedgerError as error:
            raise _RefusedFormError(400, "intake.unreadable", error.message) from error
        if self._spool.find(form.name) is None and not self._admits(sender):
            raise _RefusedFormError(429, "intake.too_many")
        try:
            self._spool.keep(form, source)
        except LedgerError as error:
            raise _RefusedFormError(409, "intake.another_text") from error
        answer = make_response("", 303)
        answer.headers["Location"] = form.form_id
        return answer

    def _show_receipt(self, form_id: str, **_portal: str) -> Response:
        """Show what became of a form to the person who sent it."""
        sender = _find_sender()
        sent = f"{sender.customer}.{form_id}"
        found = self._spool.find(sent) if _FORM_ID.fullmatch(form_id) else None
        if found is None or found["account"].casefold() != sender.account.casefold():
            raise _RefusedFormError(404, "intake.unknown")
        name, outcome = found["request"], found["outcome"]
        is_answer = found.get("answers") is not None
        is_guess = outcome == "waiting" and not is_answer
        if is_guess:
            name = self._guess(sender.customer, sent)
        says = {"waiting": "waiting", "refused": "set_aside"}.get(outcome, "recorded")
        shown = {"number": name, "is_guess": is_guess, "is_answer": is_answer}
        return self._show(200, f"intake.{says}", **shown)

    def _refuse(self, error: HTTPException) -> Response:
        names = {400: "unreadable", 404: "unknown", 405: "unknown", 413: "too_large"}
        status = error.code or 500
        if isinstance(error, _RefusedFormError):
            return self._show(status, error.reason, detail=error.detail)
        return self._show(status, f"intake.{names.get(status, 'failed')}")

    def _show(self, status: int, says: str, **values: object) -> Response:
        words = self._desk.find_wording(request.headers.get(CUSTOMER_HEADER, ""))
        page = _TEMPLATES.get_template("receipt.html").render(
            t=words.text,
            language=words.language,
            says=says,
            have_colour=self._desk.have_colour,
            **values,
        )
        answer = make_response(page, status)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _require_token(self, sender: Sender) -> None:
        token = request.form.get("token", "")
        try:
            is_own = self._signer.loads(token, max_age=_TOKEN_SECONDS) == list(sender)
        except BadSignature:
            is_own = False
        kept = request.cookies.get(_COOKIE, "")
        if not is_own or not hmac.compare_digest(token.encode(), kept.encode()):
            raise _RefusedFormError(403, "intake.no_token")

    def _admits(self, sender: Sender) -> bool:
        """Whether somebody may send one more just now, which counts."""
        with self._lock:
            now, sent = self._find_time(), self._sent[sender]
            while sent and sent[0] <= now - _WINDOW_SECONDS:
                sent.popleft()
            if len(sent) >= _MOST_IN_WINDOW:
                return False
            sent.append(now)
            return True

    def _guess(self, customer: str, sent: str) -> str | None:
        """Return the id that the request of a form will get if nobody else opens one."""
        key, _hyphen, number = (self._desk.find_next_id(customer) or "").rpartition("-")
        return f"{key}-{int(number) + self._spool.count_before(sent)}" if key else None

    def _has_request(self, customer: str, name: str) -> bool:
        """Whether a request may be the customer's; the worker knows for sure."""
        if not _REQUEST.fullmatch(name):
            return False
        key, _hyphen, number = name.rpartition("-")
        next_key, _hyphen, following = (self._desk.find_next_id(customer) or "").rpartition("-")
        return not next_key or (key == next_key and int(number) < int(following))

    def _read_form(self, sender: Sender) -> Form:
        """Return what a form says; what it says of who sends it does not count."""
        text, form_id, title, category, urgency, answered = (
            request.form.get(name, "").strip() for name in _FIELDS
        )
        files = [
            (file.filename, file.read(MAX_ATTACHMENT_BYTES + 1))
            for _name, file in request.files.items(multi=True)
            if file.filename
        ]
        is_too_large = any(len(content) > MAX_ATTACHMENT_BYTES for _name, content in files)
        if len(files) > MOST_ATTACHMENTS or is_too_large:
            raise _RefusedFormError(413, "intake.too_large")
        if not _FORM_ID.fullmatch(form_id):
            raise _RefusedFormError(400, "intake.no_token")
        if answered and not self._has_request(sender.customer, answered):
            raise _RefusedFormError(404, "intake.no_such_request")
        if not (title or answered) or not (text or (answered and files)):
            raise _RefusedFormError(400, "intake.empty")
        category = "" if category == _NOT_SURE else category
        said = (answered or None, title, category, urgency, text, files)
        return Form(form_id, sender.customer, sender.account, *said)


def _find_sender() -> Sender:
    """Return who has signed in, as the web server says."""
    customer, account = (request.headers.get(x, "") for x in (CUSTOMER_HEADER, ACCOUNT_HEADER))
    if not customer or "@" not in account:
        raise _RefusedFormError(403, "intake.nobody")
    return Sender(customer, account)


def _require_own_page() -> None:
    """Refuse what no page of this host sends.

    Pages that send no referrer send the origin ``null``; then browsers say themselves whether it is
    the same.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    is_own = origin is not None and urlsplit(origin).netloc == request.host
    says_nothing = origin in {None, "null"}
    if not (is_own or (says_nothing and site is not None)) or site not in {None, "same-origin"}:
        raise _RefusedFormError(403, "intake.foreign")
