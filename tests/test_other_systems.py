"""What the program does where Python lacks the modules and functions of POSIX.

In a process of its own, what our packages import or use of them is missing, as it is on Windows.
Other libraries have code of their own for other systems, and keep what they take here.
"""

import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.conftest import SAMPLE_AS_OF, git

PROGRAM = r"""
import os, signal, socket, sys, types

MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
FUNCTIONS = {
    "os": {"chown", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid",
           "getpgid", "getuid", "killpg", "lchown", "mkfifo", "O_CLOEXEC", "O_DIRECTORY",
           "O_NOFOLLOW", "O_NONBLOCK", "pread", "pwrite", "sched_getaffinity", "setsid", "symlink",
           "sync", "uname"},
    "signal": {"SIGHUP", "SIGKILL", "SIGUSR1", "alarm", "pthread_kill", "pthread_sigmask",
               "setitimer", "sigwait"},
    "socket": {"AF_UNIX", "socketpair"},
}

def is_ours(frame):
    while frame.f_globals["__name__"].startswith("importlib"):
        frame = frame.f_back
    return frame.f_globals["__name__"].startswith(("ledger", "site_builder"))

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in MODULES and is_ours(sys._getframe(1)):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

class Reduced(types.ModuleType):
    def __getattribute__(self, name):
        known = super().__getattribute__("__name__")
        if name in FUNCTIONS[known] and is_ours(sys._getframe(1)):
            raise AttributeError(f"module {known!r} has no attribute {name!r}")
        return super().__getattribute__(name)

def link(source, target, *, follow_symlinks=True, real=os.link):
    if not follow_symlinks:
        raise NotImplementedError("link: follow_symlinks unavailable on this platform")
    real(source, target)

os.link = link
for module in (os, signal, socket):
    module.__class__ = Reduced
for module in MODULES:
    sys.modules.pop(module, None)
sys.meta_path.insert(0, Missing())
from site_builder.punchcard import main
main()
"""
DAY = ("--as-of", SAMPLE_AS_OF)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr


def test_the_daily_commands_and_portals_work_without_posix(sample_repository: Path) -> None:
    status, shown, said = run(sample_repository, "check", *DAY)
    assert (status, ": 0 errors" in shown) == (0, True), said
    log = ("log", "acme", "ACME-14", "15m", "-m", "Elsewhere", "--as", "alice", "--commit", *DAY)
    status, shown, said = run(sample_repository, *log)
    assert (status, "commit" in shown) == (0, True), said
    assert git(sample_repository, "log", "-1", "--format=%s") == "acme: log 15m on ACME-14 (alice)"
    status, shown, said = run(sample_repository, "balance", "acme", *DAY)
    assert (status, "acme" in shown) == (0, True), said
    assert run(sample_repository, "hook", "install")[0] == 0
    for _again in range(2):
        status, shown, said = run(sample_repository, "portal", "build", "acme", *DAY)
        assert status == 0, said
        assert "Elsewhere" in (sample_repository / "site/acme/requests/ACME-14.html").read_text()


def test_all_portals_are_built_in_one_process(sample_repository: Path, tmp_path: Path) -> None:
    status, _shown, said = run(sample_repository, "portal", "build", "--jobs", "4", *DAY)
    assert status == 0, said
    assert len([*(sample_repository / "site").glob("*/index.html")]) > 4


def test_a_preview_is_served(sample_repository: Path) -> None:
    process = start(sample_repository, "portal", "serve", "acme", "--port", "0", *DAY)
    try:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 60)[0]
        shown = process.stdout.readline()
        [address] = re.findall(r"http://\S+", shown)
        end = time.monotonic() + 30
        page = urlopen(address, timeout=max(1, end - time.monotonic())).read()
        assert b"Acme" in page
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_files_are_opened_with_flags_that_every_system_has() -> None:
    root = Path(__file__).parents[1]
    for file in (
        file for name in ("ledger", "site_builder") for file in root.glob(f"{name}/**/*.py")
    ):
        flags = {*re.findall(r"os\.(O_[A-Z]+)", file.read_text("utf-8"))}
        assert flags <= {"O_RDWR"}, file  # the rest is in durable_files.py, with O_BINARY


@pytest.mark.parametrize(
    "command",
    [
        ("portal", "publish", "--to", "published"),
        ("portal", "rollback", "--in", "published"),
        ("portal", "access", "--to", "access", "--server", "nginx", "--domain", "x.example"),
        ("intake", "serve", "--spool", "spool", "--socket", "intake.sock"),
    ],
)
def test_what_takes_posix_says_so(sample_repository: Path, command: tuple[str, ...]) -> None:
    status, _shown, said = run(sample_repository, *command)
    assert status == 2
    assert "POSIX" in said, said
    assert "Traceback" not in said
