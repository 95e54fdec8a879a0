"""The look of the portals as a commit has it: the ``mkdocs.yml`` and all that it may refer to."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.files.source import RevisionFiles
from ledger.git import GitRepository
from site_builder.look import CONFIGURATION_NAME, find_configuration


@contextmanager
def check_out_look(repository: GitRepository, commit: str, ledger_prefix: str) -> Iterator[Path]:
    """Give the ``mkdocs.yml`` that the portals of a commit are built with.

    If the commit has one for us, it lies in a folder with the commit's other files, all but the
    ledger's: nobody knows which of them it refers to. Links are left out.
    """
    with tempfile.TemporaryDirectory(prefix="punchcard-look-") as name:
        folder = Path(name)
        files = repository.open_commit(commit, "")
        _check_out(repository, files, [CONFIGURATION_NAME], folder)
        configuration = find_configuration(folder)
        if configuration.parent == folder:
            wanted = (path for path in files.blobs if not path.startswith(ledger_prefix or "/"))
            _check_out(repository, files, list(wanted), folder)
        yield configuration


def _check_out(
    repository: GitRepository, files: RevisionFiles, paths: list[str], folder: Path
) -> None:
    chosen = {path: files.blobs[path] for path in paths if path in files.blobs}
    blobs = {path: blob.object_id for path, blob in chosen.items() if blob.is_file}
    contents = repository.read_objects(blobs.values()) if blobs else {}
    for path, object_id in blobs.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents[object_id])
