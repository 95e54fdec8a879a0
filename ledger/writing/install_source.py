"""What the workflows of a new ledger install: this very program, from where it came."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from ledger.errors import LedgerError

DISTRIBUTION = "service-punchcards"
_FOLDER = ".ci"
_NOT_IN_A_WHEEL = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}


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
        try:
            return _bring(file.name, file.read_bytes())
        except OSError as error:
            raise LedgerError(f"cannot read {file}: {error.strerror}") from error
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
