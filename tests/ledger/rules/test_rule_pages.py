"""What is said about the rules is what the check says of the example ledgers."""

import json
from pathlib import Path

import click
import pytest

from ledger.cli.arguments import complete_rule
from ledger.rules import explain
from ledger.rules.catalogue import RULES
from ledger.rules.explain import format_explanation, load_rule_texts
from tests.conftest import RunPunchcard
from tests.ledger.rules.gallery import EXAMPLES, IS_UPDATING
from tests.ledger.rules.rule_page import format_page

ROOT = Path(__file__).parents[3]
EXAMPLES_JSON = Path(explain.__file__).parent / "examples.json"
PAGE = ROOT / "docs" / "rules.md"


def read_gallery() -> dict[str, dict[str, str]]:
    """Return the example of each rule as the gallery has it."""
    return {
        name: read_case(EXAMPLES / "invalid" / name / rule.case)
        for name, rule in load_rule_texts().items()
        if rule.case
    }


def read_case(folder: Path) -> dict[str, str]:
    """Return the file that an example's text points at first, its source, and the text.

    Where the file was there before, its source then is ``before``.
    """
    *lines, _summary = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    file = lines[0].partition(":")[0]
    source = (folder / file).read_text(encoding="utf-8")
    base = folder / "base" / file
    before = {"before": base.read_text(encoding="utf-8")} if base.exists() else {}
    return {"file": file, "source": source, **before, "output": "\n".join(lines) + "\n"}


def test_the_shipped_examples_are_those_of_the_gallery() -> None:
    if IS_UPDATING:
        text = json.dumps(read_gallery(), indent=2, ensure_ascii=False)
        EXAMPLES_JSON.write_text(text + "\n", encoding="utf-8")
        load_rule_texts.cache_clear()
    assert json.loads(EXAMPLES_JSON.read_text(encoding="utf-8")) == read_gallery()


def test_the_document_is_made_of_the_same_words() -> None:
    page = format_page()
    if IS_UPDATING:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def test_every_rule_is_explained() -> None:
    assert RULES.keys() <= load_rule_texts().keys()
    for name, rule in load_rule_texts().items():
        assert rule.severity in {"error", "warning"}, name
        assert rule.example is not None, name


@pytest.mark.parametrize("name", load_rule_texts())
def test_explain_shows_the_reason_the_example_and_the_mend(
    name: str, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = punchcard(tmp_path, "explain", name)
    assert (ran.status, ran.stderr) == (0, "")
    assert ran.stdout == format_explanation(load_rule_texts()[name]) + "\n"
    assert "To mend it:" in ran.stdout
    assert f"[{name}]: " in ran.stdout


@pytest.mark.parametrize("arguments", [("explain",), ("check", "--list-rules")])
def test_the_rules_are_listed_one_a_line(
    arguments: tuple[str, ...], punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = punchcard(tmp_path, *arguments)
    assert [line.split()[0] for line in ran.stdout.splitlines()] == list(load_rule_texts())


def test_a_misspelt_rule_is_answered_with_the_nearest_name(
    punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = punchcard(tmp_path, "explain", "overdrwan")
    assert (ran.status, ran.stdout) == (2, "")
    assert "there is no rule 'overdrwan'; did you mean overdrawn?" in ran.stderr


def test_the_shell_completes_the_names_of_rules() -> None:
    items = complete_rule(click.Context(click.Command("explain")), click.Option(["-x"]), "un")
    assert [item.value for item in items] == ["unique-id", "unknown-reference", "untriaged"]
    assert items[0].help == "an id used twice"
