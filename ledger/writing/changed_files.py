"""A ledger as it would be: its files, with one of them changed or added."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.ledger_files import FileKind, LedgerFile, LedgerFiles
from ledger.loader import Ledger, list_places


class ChangedFiles:
    """The files of a ledger with other content in one; see ``ledger.ledger_files.LedgerFiles``."""

    def __init__(self, files: LedgerFiles, path: str, content: bytes) -> None:
        self.prefix = files.prefix
        self._files = files
        self._changed = LedgerFile(path, FileKind.FILE, len(content))
        self._content = content

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """See ``LedgerFiles``."""
        path = self._changed.path
        others = [file for file in self._files.list_files(under) if file.path != path]
        if under and not any(path == place or path.startswith(f"{place}/") for place in under):
            return others
        return sorted([*others, self._changed])

    def read(self, path: str) -> bytes:
        """See ``LedgerFiles``."""
        return self._content if path == self._changed.path else self._files.read(path)


def change_ledger(ledger: Ledger, slug: str, path: str, content: bytes) -> Ledger:
    """Return the part of ``ledger`` that customer ``slug`` is in, with one file changed."""
    files = ChangedFiles(ledger.files, path, content)
    return Ledger(files, files.list_files(list_places((slug,))), ledger.repository, ledger.root)


def read_file(ledger: Ledger, path: str) -> bytes | None:
    """Return the content of one of the ledger's files; None if it is not there.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return ledger.files.read(path)
    except FileNotFoundError:
        return None
