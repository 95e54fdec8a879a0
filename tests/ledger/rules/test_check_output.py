"""How a check says what it found: formats, exit statuses, and the choice of rules."""

import json
import re
from pathlib import Path

import click
import pytest

from ledger.errors import Problem, Severity, SourceExcerpt, SourcePosition
from ledger.output.formats import format_annotations, format_problems
from tests.conftest import RunPunchcard
from tests.ledger.rules.gallery import Example, check, list_invalid

EXAMPLES = {str(example): example for example in list_invalid()}
OVERDRAWN = EXAMPLES["overdrawn/more-than-the-cards"]
WARNING = EXAMPLES["support-entitlement/no-licence"]
TWO_RULES = EXAMPLES["overdrawn/before-the-purchase-is-there"]


@pytest.mark.parametrize("example", [OVERDRAWN, WARNING, TWO_RULES], ids=str)
def test_json_says_the_same_as_text(
    example: Example, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    text = check(example, punchcard, tmp_path / "text")
    ran = check(example, punchcard, tmp_path / "json", "--format", "json")
    answer = json.loads(ran.stdout)
    assert ran.status == text.status
    assert list(answer) == [
        *("as_of", "revision", "since", "files", "records", "errors", "warnings", "problems"),
        "standing_warnings",
    ]
    assert (answer["as_of"], answer["revision"], answer["since"]) == (example.as_of, None, None)
    heads = [
        f"{item['file']}:{item['line']}:{item['column']}: "
        f"{item['severity']}[{item['rule']}]: {item['message']}"
        for item in answer["problems"]
    ]
    lines = text.stdout.splitlines()
    assert heads == [line for line in lines if line.startswith("customers/")]
    assert all(item["hint"] in text.stdout for item in answer["problems"])
    severities = [item["severity"] for item in answer["problems"]]
    assert answer["errors"] == severities.count("error")
    assert answer["warnings"] == severities.count("warning")


@pytest.mark.parametrize("example", [OVERDRAWN, WARNING, TWO_RULES], ids=str)
def test_annotations_land_on_the_line_that_json_names(
    example: Example, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    answer = json.loads(check(example, punchcard, tmp_path / "json", "--format", "json").stdout)
    ran = check(example, punchcard, tmp_path / "github", "--format", "github")
    assert ran.stdout.splitlines() == [
        f"::{item['severity']} file={item['file']},line={item['line']},col={item['column']},"
        f"title={item['rule']}::{item['message']}; {item['hint']}"
        for item in answer["problems"]
    ]
    for item in answer["problems"]:
        assert (tmp_path / "github" / item["file"]).is_file()
    assert re.fullmatch(r"\d+ files, \d+ records: .*\n", ran.stderr)


def test_an_annotation_is_escaped_as_workflow_commands_want_it() -> None:
    problem = Problem("schema", SourcePosition("a,b:c%d\n.yml", 3, 4), "100%: a, b\r\nc", "::no")
    assert list(format_annotations([problem])) == [
        "::error file=a%2Cb%3Ac%25d%0A.yml,line=3,col=4,title=schema::100%25: a, b%0D%0Ac; ::no"
    ]


def test_an_annotation_without_a_hint_ends_with_its_message() -> None:
    problem = Problem("schema", SourcePosition("a.yml"), "wrong", severity=Severity.WARNING)
    [line] = format_annotations([problem])
    assert line == "::warning file=a.yml,line=1,col=1,title=schema::wrong"


@pytest.mark.parametrize(
    ("example", "options", "status"),
    [
        (OVERDRAWN, (), 1),
        (OVERDRAWN, ("--strict",), 1),
        (WARNING, (), 0),
        (WARNING, ("--strict",), 1),
        (WARNING, ("--strict", "--only", "overdrawn"), 0),
        (OVERDRAWN, ("--only", "overdrawn"), 1),
        (OVERDRAWN, ("--only", "schema"), 0),
        (OVERDRAWN, ("--only", "schema", "--only", "overdrawn"), 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("format_", ["text", "json", "github"])
def test_what_is_shown_decides_the_exit_status(
    example: Example,
    options: tuple[str, ...],
    status: int,
    format_: str,
    punchcard: RunPunchcard,
    tmp_path: Path,
) -> None:
    ran = check(example, punchcard, tmp_path / "ledger", "--format", format_, *options)
    assert ran.status == status


def test_only_says_how_much_it_does_not_show(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ran = check(TWO_RULES, punchcard, tmp_path / "ledger", "--only", "overdrawn")
    *problems, summary = ran.stdout.splitlines()
    assert [line for line in problems if "[future-date]" in line] == []
    assert summary == (
        "6 files, 6 records: 1 error, 0 warnings of overdrawn; 1 problem of other rules not shown"
    )


def test_only_counts_what_it_shows_in_json(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ran = check(TWO_RULES, punchcard, tmp_path / "x", "--only", "overdrawn", "--format", "json")
    answer = json.loads(ran.stdout)
    assert [item["rule"] for item in answer["problems"]] == ["overdrawn"]
    assert (answer["errors"], answer["warnings"]) == (1, 0)


def test_only_with_a_misspelt_rule_is_bad_usage(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ran = check(OVERDRAWN, punchcard, tmp_path / "ledger", "--only", "overdrwan")
    assert (ran.status, ran.stdout) == (2, "")
    assert "there is no rule 'overdrwan'; did you mean overdrawn?" in ran.stderr


def test_the_time_taken_ends_the_summary(punchcard: RunPunchcard, tmp_path: Path) -> None:
    (tmp_path / "customers" / "acme").mkdir(parents=True)
    source = OVERDRAWN.folder / "customers" / "acme" / "customer.yml"
    (tmp_path / "customers" / "acme" / "customer.yml").write_bytes(source.read_bytes())
    ran = punchcard(tmp_path, "--ledger", "customers", "check")
    assert re.fullmatch(r"1 file, 1 record: 0 errors, 0 warnings \(\d+\.\d\d s\)\n", ran.stdout)


@pytest.mark.parametrize(
    ("line", "column", "width", "mark"),
    [
        ("minutes: 20", 10, 2, "         ^^ hint"),
        ("name: 田中 優希", 7, 5, "      ^^^^^^^^^ hint"),
        ("田中: x", 5, 1, "      ^ hint"),
        ("e\u0301te\u0301: x", 8, 1, "     ^ hint"),
        ("a\tb: x", 6, 1, "     ^ hint"),
        ("a\x00b: x", 6, 1, "     ^ hint"),
    ],
)
def test_the_mark_stands_under_the_value(line: str, column: int, width: int, mark: str) -> None:
    problem = Problem(
        "schema",
        SourcePosition("a.yml", 1, column),
        "wrong",
        "hint",
        excerpt=SourceExcerpt(line, width),
    )
    assert click.unstyle(list(format_problems([problem]))[2]) == f"      | {mark}"


def test_colours_are_put_on_the_rule_and_on_the_mark() -> None:
    problem = Problem(
        "schema", SourcePosition("a.yml"), "wrong", "hint", excerpt=SourceExcerpt("x", 1)
    )
    red, plain = "\x1b[31m\x1b[1m", "\x1b[0m"
    assert list(format_problems([problem])) == [
        f"a.yml:1:1: {red}error[schema]{plain}: wrong",
        "    1 | x",
        f"      | {red}^{plain} hint",
    ]


def test_nothing_is_coloured_away_from_a_terminal(punchcard: RunPunchcard, tmp_path: Path) -> None:
    assert "\x1b" not in check(OVERDRAWN, punchcard, tmp_path / "ledger").stdout
