"""A new ledger's repository: the files that it starts with, and its first commit.

Its workflows install this very program, from where it came.
"""

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from importlib import metadata, resources
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from ledger.dates import ONE_DAY
from ledger.errors import LedgerError, naming_failure
from ledger.files.json_schema import make_editor_settings, make_schemas
from ledger.files.layout import DEFAULT_FOLDER
from ledger.git import GitRepository, find_identity, start_repository
from ledger.models import Provider
from ledger.money import format_amount
from ledger.writing.commit import require_identity
from ledger.writing.yaml_edit import set_value
from ledger.writing.yaml_text import format_flow

_TEMPLATES = "init_templates"
_SCHEMAS = ".vscode/schemas"
_MARK = re.compile("@@([A-Z_]+)@@")
# Names that begin with a dot would work in the package's own folder, too.
_HIDDEN = {
    *("ci", "forgejo", "github", "gitattributes", "gitignore", "gitlab-ci.yml"),
    *("pre-commit-config.yaml", "vscode"),
}
FORGES = ("github", "gitlab", "forgejo")
"""Where the repository is to be: for these there are jobs."""
_UNUSABLE_IN_HANDLE = re.compile("[^a-z0-9._-]+")
_PROVIDER = f"{DEFAULT_FOLDER}/provider.yml"
DISTRIBUTION = "service-punchcards"
_FOLDER = ".ci"
_NOT_IN_A_WHEEL = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}


class FirstConsultant(NamedTuple):
    """Who is in ``consultants.yml`` to begin with."""

    handle: str
    name: str
    email: str


EXAMPLE_CONSULTANT = FirstConsultant("alex", "Alex Example", "alex@tools.example")


def make_first_consultant(name: str | None, email: str | None) -> FirstConsultant:
    """Return who has a name and an address, ``alice`` of alice@example.com; else an example."""
    if not name or not email or "@" not in email:
        return EXAMPLE_CONSULTANT
    handle = _UNUSABLE_IN_HANDLE.sub("-", email.partition("@")[0].casefold()).strip("._-")
    return FirstConsultant(handle[:39] or EXAMPLE_CONSULTANT.handle, name, email)


@dataclass(frozen=True, slots=True)
class Choices:
    """What is known of a new ledger; None is an example, or what Git or the program knows."""

    name: str | None = None  # the provider's
    timezone: str | None = None
    currency: str | None = None  # the only one that has a price
    domain: str | None = None  # where the portals are
    consultant: tuple[str, str] | None = None  # name and address
    install: str | None = None  # what the workflows give to pip
    forge: str = FORGES[0]  # where the repository is to be; one of FORGES


@dataclass(frozen=True, slots=True)
class NewLedger:
    """What was written: how many files, who may log time, the first commit, and what to know."""

    files: int
    consultant: FirstConsultant
    commit: str | None
    remarks: tuple[str, ...]


def start_ledger(
    folder: Path, today: date, choices: Choices, *, is_trial: bool = False
) -> NewLedger:
    """Make a new ledger's repository in ``folder`` and commit it; ``is_trial``: write nothing.

    A consultant who is named becomes the repository's Git user, if Git knows nobody.

    Raises:
        LedgerError: a file is there already, or they cannot be written; then none is.
    """
    existing = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    known = find_identity(existing)
    consultant = make_first_consultant(*(choices.consultant or known))
    source = find_source(choices.install, metadata.distribution(DISTRIBUTION))
    files = source.files | _make_files(today, consultant, choices, source.spec)
    there = next((name for name in files if (folder / name).exists()), None)
    if there is not None:
        hint = "name a folder that is new or empty"
        raise LedgerError(f"{folder / there} is there already", hint)
    made = NewLedger(len(files), consultant, None, (source.remark,) if source.remark else ())
    if is_trial:
        return made
    _write(folder, files)
    if not (folder / ".git").exists():
        start_repository(folder)
    with GitRepository.open_around(folder) as repository:
        if None in known and choices.consultant is not None:
            repository.run("config", "user.name", consultant.name)
            repository.run("config", "user.email", consultant.email)
        try:
            require_identity(repository)
            paths = [str((folder / name).absolute()) for name in files]
            repository.run("add", "--force", "--", *paths)
            what = ("--message=A new ledger", "--", *paths)
            repository.run("commit", "--quiet", *what, runs_hooks=True)
            return replace(made, commit=repository.find_head() or "")
        except LedgerError as error:
            hint = f" ({error.hint})" if error.hint else ""
            how = 'git add --all && git commit --message "A new ledger"'
            says = f"nothing is committed yet: {error.message}{hint}, then {how}"
            return replace(made, remarks=(*made.remarks, says))


def _make_files(
    today: date, consultant: FirstConsultant, choices: Choices, install: str
) -> dict[str, bytes]:
    """Return the files of a new ledger's repository by their path."""
    yesterday = today - ONE_DAY  # The example's records are of a day that is past everywhere.
    sheet = f"{yesterday:%Y-%m}-{consultant.handle}"
    currency = choices.currency or "USD"
    price = format_amount(Decimal(1000), currency)
    words = {
        "CURRENCY": currency,
        "PRICE": price,
        "PRICES": f"{currency}: {price}" + ("" if choices.currency else ", EUR: 950.00"),
        "FIRST_OF_YEAR": f"{yesterday:%Y}-01-01",
        "YESTERDAY": yesterday.isoformat(),
        "DAY": f"{yesterday:%d}",
        "SHEET": sheet,
        "HANDLE": consultant.handle,
        "NAME": format_flow(consultant.name),
        "EMAIL": format_flow(consultant.email),
        "INSTALL": json.dumps(install),
        "INSTALL_SHELL": shlex.quote(install),
    }
    files: dict[str, bytes] = {}
    templates = Path(str(resources.files("ledger") / _TEMPLATES))
    for file in sorted(each for each in templates.rglob("*") if each.is_file()):
        first, *rest = file.relative_to(templates).parts
        if first == "forges" and rest[0] != choices.forge:
            continue
        parts = rest[1:] if first == "forges" else [first, *rest]
        path = "/".join(f".{part}" if part in _HIDDEN else part for part in parts)
        text = _MARK.sub(lambda mark: words[mark[1]], file.read_text(encoding="utf-8"))
        files[path.replace("time/sheet.yml", f"time/{sheet}.yml")] = text.encode()
    for key, value in (
        ("name", choices.name),
        ("timezone", choices.timezone),
        ("portal_domain", choices.domain),
    ):
        if value is not None:
            files[_PROVIDER] = set_value(files[_PROVIDER], None, key, value, Provider)
    editor = {".vscode/settings.json": make_editor_settings(f"./{_SCHEMAS}", DEFAULT_FOLDER)}
    editor |= {f"{_SCHEMAS}/{kind}.json": schema for kind, schema in make_schemas().items()}
    for path, content in editor.items():
        files[path] = f"{json.dumps(content, indent=2, ensure_ascii=False)}\n".encode()
    return files


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    with naming_failure(f"cannot write to {folder}"):
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if content.startswith(b"#!"):
                path.chmod(path.stat().st_mode | 0o111)


class InstallSource(NamedTuple):
    """What pip is given, and the ``files`` that the ledger brings for it."""

    spec: str
    files: dict[str, bytes]
    remark: str = ""


def find_source(named: str | None, found: metadata.Distribution) -> InstallSource:
    """Return what ``named`` says, or where the ``found`` installation of this program came from.

    A file that is named, and what was installed from a folder or a file, goes into the ledger.

    Raises:
        LedgerError: the file that is named cannot be read.
    """
    if named is not None and (file := Path(named)).is_file():
        with naming_failure(f"cannot read {file}"):
            return _bring(file.name, file.read_bytes())
    if named is not None:
        return InstallSource(named, {})
    version = f"{DISTRIBUTION}=={found.version}"
    origin = json.loads(found.read_text("direct_url.json") or "{}")  # as PEP 610 has it
    url, commit = origin.get("url", ""), origin.get("vcs_info", {})
    if commit:
        address = f"{commit['vcs']}+{url}@{commit['commit_id']}"
        return InstallSource(f"{DISTRIBUTION} @ {address}", {})
    if origin.get("dir_info", {}).get("editable"):
        remark = f"the workflows install {version}: say --install-from if no index has it"
        return InstallSource(version, {}, remark)
    if url.startswith("file:"):
        name = f"{DISTRIBUTION.replace('-', '_')}-{found.version}-py3-none-any.whl"
        return _bring(name, _make_wheel(found))
    return InstallSource(f"{DISTRIBUTION} @ {url}" if url else version, {})


def _bring(name: str, content: bytes) -> InstallSource:
    return InstallSource(f"{_FOLDER}/{name}", {f"{_FOLDER}/{name}": content})


def _make_wheel(installed: metadata.Distribution) -> bytes:
    """Return the wheel that an installation was made of."""
    buffer, record = BytesIO(), list[str]()
    files = [
        file
        for file in installed.files or ()
        if ".." not in file.parts and "__pycache__" not in file.parts
        if file.name not in _NOT_IN_A_WHEEL
    ]
    with ZipFile(buffer, "w", ZIP_DEFLATED) as wheel:
        for file in sorted(files):
            content = Path(str(file.locate())).read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record.append(f"{file.as_posix()},sha256={digest.decode()},{len(content)}\n")
            wheel.writestr(file.as_posix(), content)
        folder = next(file.parent for file in files if file.name == "METADATA")
        record.append(f"{folder.as_posix()}/RECORD,,\n")
        wheel.writestr(f"{folder.as_posix()}/RECORD", "".join(record))
    return buffer.getvalue()
