"""Every example ledger is reported to the letter, or not at all."""

import pytest

from ledger.rules.explain import load_rule_texts
from tests.ledger.rules.gallery import (
    EXAMPLES,
    Example,
    expect_text,
    list_invalid,
    list_valid,
    read_report,
)


@pytest.mark.parametrize(
    "example", [each for each in list_invalid() if not each.base.exists()], ids=str
)
def test_a_broken_ledger_is_reported_to_the_letter(example: Example) -> None:
    report, text = read_report(example)
    expect_text(example, text, 1 if report.error_count else 0)


@pytest.mark.parametrize("example", list_valid(), ids=str)
def test_a_valid_ledger_has_not_even_a_warning(example: Example) -> None:
    report, text = read_report(example)
    assert report.problems == (), text


def test_every_rule_has_an_example() -> None:
    assert {example.rule for example in list_invalid()} == set(load_rule_texts())


def test_no_folder_of_the_gallery_is_forgotten() -> None:
    """Each is checked above, against a text that it has."""
    listed = {example.folder for example in [*list_invalid(), *list_valid()]}
    found = {folder.parent for folder in EXAMPLES.rglob("customers")}
    assert found == listed | {example.base for example in list_invalid() if example.base.exists()}
    assert [str(example) for example in list_invalid() if not example.expected.is_file()] == []
