"""Runs ``punchcard`` command lines and keeps what each said and wrote, as files to compare."""

import importlib
import os
import pkgutil
import re
import shlex
import subprocess
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from tests.benchmarks.synthetic_ledger import write_synthetic_ledger
from tests.same.scenarios import SCRIPTS

MANIFESTS = {"punchcard-portals.json", "punchcard-overview.json", "punchcard-access.json", ".lock"}
"""What the program keeps for itself beside what it writes; each version has its own form."""

_DURATION = re.compile(r"\(\d+\.\d+ s\)")
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Alice Moreau",
    "GIT_AUTHOR_EMAIL": "alice@tracewell.example",
    "GIT_AUTHOR_DATE": "2026-11-20T09:00:00Z",
    "GIT_COMMITTER_NAME": "Alice Moreau",
    "GIT_COMMITTER_EMAIL": "alice@tracewell.example",
    "GIT_COMMITTER_DATE": "2026-11-20T09:00:00Z",
    "COLUMNS": "100",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
_HISTORY = (
    "git log --all --format=fuller --decorate --patch",
    "git for-each-ref --format='%(refname) %(contents)'",
    "git status --porcelain --branch",
    "git diff",
)
_FOREIGN = ("GIT_", "PUNCHCARD_", "GITHUB_", "CI", "LC_", "PYTHON")


def load_program() -> Callable[[], Any]:
    """Import the whole installed program once, and return the function behind ``punchcard``."""
    for package in ("ledger", "site_builder"):
        for module in pkgutil.walk_packages(
            importlib.import_module(package).__path__, package + "."
        ):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    (script,) = entry_points(group="console_scripts", name="punchcard")
    return script.load()  # type: ignore[no-any-return]


class Recorder:
    """Runs scripts in ``scratch/work`` and keeps what commands say and write below ``output``."""

    def __init__(
        self, program: Callable[[], Any], inputs: Path, scratch: Path, output: Path
    ) -> None:
        self._program = program
        self._words = {"{inputs}": str(inputs), "{scripts}": str(SCRIPTS)}
        self._scratch, self._work, self._output = scratch, scratch / "work", output
        self._count = 0
        self._kept: dict[bytes, Path] = {}
        self._places = {str(scratch): "{scratch}", sys.prefix: "{environment}"}
        for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
            del os.environ[name]
        os.environ.update(
            _ENVIRONMENT, HOME=str(scratch), PUNCHCARD_CACHE_DIR=str(scratch / "cache")
        )
        self._work.mkdir()
        output.mkdir(parents=True)

    def run_script(self, script: str) -> None:
        """Run a script, line by line.

        ``punchcard …`` runs the program and keeps what it says; ``keep PATH`` keeps a file or
        folder as it is now, and ``keep-history`` the commits and what is not committed;
        ``include NAME VALUE`` runs another script with VALUE for each {} in it; ``synthetic N M``
        writes a ledger with N customers and M entries. Any other line is run by the shell.
        """
        for word, value in self._words.items():
            script = script.replace(word, value)
        for line in script.splitlines():
            verb, _, rest = line.partition(" ")
            if verb == "punchcard":
                self._run(rest)
            elif verb == "keep":
                self._keep(rest)
            elif verb == "keep-history":
                self._keep_history()
            elif verb == "include":
                name, _, value = rest.partition(" ")
                included = (SCRIPTS / f"{name}.txt").read_text(encoding="utf-8")
                self.run_script(included.replace("{}", value))
            elif verb == "synthetic":
                customers, entries = map(int, rest.split())
                write_synthetic_ledger(self._work, entries, customers)
            else:
                self._run_shell(line)

    def _run_shell(self, line: str) -> bytes:
        done = subprocess.run(line, shell=True, cwd=self._work, check=True, capture_output=True)
        return done.stdout

    def _run(self, line: str) -> None:
        self._count += 1
        files = [self._scratch / name for name in ("stdout", "stderr")]
        status = self._call(shlex.split(line), *files)
        said, warned = map(self._read, files)
        title = re.sub(r"[^\w.]+", "-", line)[:80]
        self._write(
            f"{self._count:03}-{title}.txt",
            f"$ punchcard {line}\nexit status {status}\n"
            f"--- standard output\n{said}--- standard error\n{warned}",
        )

    def _keep(self, path: str) -> None:
        source = self._work / path
        target = self._output / f"{self._count:03}-{path.replace('/', '-')}"
        if source.is_file():
            self._keep_file(source, target)
        for folder, folders, files in os.walk(source, followlinks=True):
            folders[:] = [name for name in folders if name not in {".git", ".generations"}]
            for name in set(files) - MANIFESTS:
                self._keep_file(Path(folder, name), target / Path(folder, name).relative_to(source))

    def _keep_history(self) -> None:
        kept = b"".join(map(self._run_shell, _HISTORY))
        text = kept.decode(errors="surrogateescape")
        self._write(f"{self._count:03}-history.txt", self._normalize(text))

    def _write(self, name: str, text: str) -> None:
        (self._output / name).write_bytes(text.encode(errors="surrogateescape"))

    def _keep_file(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        content = source.read_bytes()
        if any(place.encode() in content for place in self._places):
            content = self._read(source).encode(errors="surrogateescape")
        if twin := self._kept.get(content):
            os.link(twin, target)  # Portals share most of their files.
        else:
            target.write_bytes(content)
            self._kept[content] = target
        if source.stat().st_mode & 0o111:
            target.with_name(target.name + ".executable").touch()

    def _call(self, arguments: list[str], output: Path, error: Path) -> int:
        """Run the program in a process of its own, without input; return its exit status."""
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        status: object = 0
        try:
            os.chdir(self._work)
            os.environ["PWD"] = str(self._work)
            for number, file in enumerate((Path(os.devnull), output, error)):
                opened = file.open("r" if number == 0 else "w", encoding="utf-8")
                os.dup2(opened.fileno(), number)
            sys.stdin, sys.stdout, sys.stderr = (
                open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
                for number, mode in enumerate("rww")
            )
            sys.argv = ["punchcard", *arguments]
            self._program()
        except SystemExit as left:
            status = left.code or 0
        except BaseException:  # noqa: BLE001 - reported, and the process ends
            traceback.print_exc()
            status = 70
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status if isinstance(status, int) else 1)

    def _read(self, file: Path) -> str:
        return self._normalize(file.read_bytes().decode(errors="surrogateescape"))

    def _normalize(self, text: str) -> str:
        for place, name in self._places.items():
            text = text.replace(place, name)
        return _DURATION.sub("(N s)", text)
