"""What a command has done is told by its status, whatever becomes of its output."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from wcwidth import wcswidth

from ledger.output.formats import format_csv
from tests.conftest import SAMPLE_AS_OF, SAMPLE_LEDGER, RunPunchcard, git
from tests.ledger.git.written_ledger import AS_OF, REQUEST_FILE, TIME_FILE, WrittenLedger

PROGRAM = "from site_builder.punchcard import main; main()"
LOG = ("log", "acme", "ACME-1", "15m", "-m", "Once.", "--date", AS_OF, "--as-of", AS_OF)


def run_in_shell(
    folder: Path, redirection: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    command = ["bash", "-c", f'"$@" {redirection}', "bash", sys.executable, "-c", PROGRAM]
    variables = {**os.environ, "PYTHONPATH": str(SAMPLE_LEDGER.parent), **variables}
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=variables, capture_output=True, check=False
    )


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", ">&- 2>&-", ">/dev/full 2>/dev/full"])
def test_a_written_entry_is_a_success_that_nobody_repeats(
    ledger: WrittenLedger, redirection: str
) -> None:
    done = run_in_shell(ledger.root, redirection, *LOG)
    assert done.returncode == 0
    assert ledger.find(TIME_FILE).read_text().count("Once.") == 1
    if "2>" not in redirection:
        assert b"standard output cannot be written: " in done.stderr
        assert done.stderr.endswith(b"; what was done is done\n")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["balance"], 2),
        (["balance", "--format", "json"], 2),
        (["statement", "acme"], 2),
        (["show", "acme", "P1"], 2),
        (["request", "show", "acme", "ACME-1"], 2),
        (["request", "list"], 2),
        (["check"], 0),
        (["check", "--format", "json"], 0),
        (["portal", "publish", "--to", "published"], 0),
    ],
    ids=str,
)
def test_lost_output_fails_only_what_does_nothing_but_print(
    ledger: WrittenLedger, arguments: list[str], status: int
) -> None:
    redirection = ">&-" if "json" in arguments else ">/dev/full"
    done = run_in_shell(ledger.root, redirection, *arguments, "--as-of", AS_OF)
    assert (done.returncode, done.stderr.count(b"\n")) == (status, 1)
    assert b"standard output cannot be written" in done.stderr
    if "publish" in arguments:
        assert git(ledger.root, "tag") == f"published/{AS_OF}"


def test_a_reader_that_leaves_early_changes_nothing(ledger: WrittenLedger) -> None:
    done = run_in_shell(ledger.root, "| true; exit ${PIPESTATUS[0]}", "balance", "--as-of", AS_OF)
    assert (done.returncode, done.stderr) == (0, b"")


def test_nothing_is_read_from_a_closed_standard_input(ledger: WrittenLedger) -> None:
    done = run_in_shell(ledger.root, "<&-", "log", "acme")
    assert done.returncode == 2
    assert b"missing: REQUEST" in done.stderr


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_programs_read_utf_8_and_terminals_what_they_can_show(
    ledger: WrittenLedger, encoding: str
) -> None:
    ledger.replace(TIME_FILE, "Metadata exchanged.", "Plan – 家 ✓ für Zoë")
    answers = {
        format_: run_in_shell(
            ledger.root, "", "statement", "acme", "--as-of", AS_OF, "--format", format_,
            PYTHONIOENCODING=encoding,
        )
        for format_ in ("table", "json", "csv")
    }  # fmt: skip
    assert all((each.returncode, each.stderr) == (0, b"") for each in answers.values())
    notes = [each["note"] for each in json.loads(answers["json"].stdout)["movements"]]
    assert "Plan – 家 ✓ für Zoë" in notes
    assert "Plan – 家 ✓ für Zoë" in answers["csv"].stdout.decode()
    assert b"Plan" in answers["table"].stdout


def test_tables_are_aligned_by_cells(sample_repository: Path) -> None:
    done = run_in_shell(sample_repository, "", "account", "list", "--as-of", SAMPLE_AS_OF)
    head, _, *rows, _ = done.stdout.decode().splitlines()
    column = wcswidth(head[: head.index("state")])
    assert any(wcswidth(row) > len(row) for row in rows)
    for row in rows:
        state = next(word for word in ("active", "disabled", "removed") if f"  {word}  " in row)
        assert wcswidth(row[: row.index(f"  {state}  ") + 2]) == column, row


def test_what_a_terminal_would_act_on_is_escaped() -> None:
    """Whatever command prints it; our own colours are not data."""
    program = (
        "import click, sys; from ledger.cli.printing import guard_streams; guard_streams();"
        r"click.echo('a\x1b]0;owned\ab\x9b31m\u202ec 👩\u200d💻 ' + click.style('LOW', fg='red'),"
        "color=True)"
    )
    variables = {**os.environ, "PYTHONPATH": str(SAMPLE_LEDGER.parent), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, check=True
    )
    shown = r"a\x1b]0;owned\x07b\x9b31m\u202ec " + "👩\u200d💻 \x1b[31mLOW\x1b[0m\n"
    assert done.stdout.decode() == shown


def test_an_error_escapes_it_too(ledger: WrittenLedger) -> None:
    done = run_in_shell(ledger.root, "", "verify", "x\x1b]0;owned\a")
    assert (done.returncode, done.stderr.count(b"\\x1b]0;owned\\x07")) == (2, 1)


def test_json_and_tables_escape_it_too(punchcard: RunPunchcard, ledger: WrittenLedger) -> None:
    title = "a\u202eb"
    ledger.replace(REQUEST_FILE, "title: Single sign-on", f"title: {title}")
    ran = punchcard(ledger.root, "request", "list", "--as-of", AS_OF)
    assert r"a\u202eb" in ran.stdout
    ran = punchcard(ledger.root, "request", "list", "--as-of", AS_OF, "--format", "json")
    assert (title in ran.stdout, json.loads(ran.stdout)[0]["title"]) == (False, title)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        (";=1+1", "';'=1+1"),
        ("a,@b", "a,'@b"),
        (" -x", "' -x"),
        ("-950.00", "-950.00"),
        ("x\0\x1b[31my\n\u202ez", r"x\x00\x1b[31my" + "\n" + r"\u202ez"),
        ("plain, text; and -more", "plain, text; and -more"),
    ],
)
def test_no_cell_is_a_formula_or_a_control(text: str, cell: str) -> None:
    rows = csv.reader(io.StringIO(format_csv(["x"], [{"x": text}]), newline=""))
    assert list(rows) == [["x"], [cell]]
