"""Files whose names alone are looked at first are the same, in the same places, as all listed.

``PUNCHCARD_FUZZ_EXAMPLES=20000`` looks at more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.customer_files import CustomerFiles, group_plain_names
from ledger.ledger_files import FileKind, FolderFiles, LedgerFile
from ledger.loader import Ledger
from ledger.reading.file_layout import sort_into_places
from tests.ledger.reading.test_plain_records import EXAMPLES

PLAIN_NAMES = [
    *("provider.yml", "terms.yml", "consultants.yml", "acme/customer.yml", "acme/accounts.yml"),
    *("acme/purchases.yml", "acme/adjustments.yml", "b/customer.yml", f"{'x' * 39}/customer.yml"),
    *("acme/requests/ACME-1.yml", "acme/requests/B-999999999.yml", "b/requests/A123456789-7.yml"),
    *(
        "acme/time/2026-11-alice.yml",
        "acme/time/2026-11-a.b_c-d.yml",
        "acme/time/2026-01-a.yml.yml",
    ),
    f"b/time/0000-12-{'x' * 39}.yml",
]
ODD_NAMES = [
    *("Provider.yml", "notes.md", "provider.yml/x.yml", "acme", "acme/", "/customer.yml", "", "/"),
    *("Acme/customer.yml", "-a/customer.yml", f"{'x' * 40}/customer.yml", "ac me/customer.yml"),
    *("acme/Customer.yml", "acme/customer.yaml", "acme/customer.yml/x.yml", "acme/requests"),
    *("acme/requests/acme-1.yml", "acme/requests/ACME-01.yml", "acme/requests/ACME-1.yml/x.yml"),
    *("acme/requests/ACME-1234567890.yml", "acme/requests/ACME-1", "acme/time/2026-13-a.yml"),
    *("acme/time/2026-1-a.yml", "acme/time/2026-11-Alice.yml", "acme/time/x/2026-11-a.yml"),
    *("acme/time/2026-11-a.yml\n", "acme/customer.yml\nacme/accounts.yml", "\nacme/customer.yml"),
    *(
        "acme/time/2026-11-\u00e4.yml",
        "\u217cacme/customer.yml",
        "acme/\u017fervices/x.yml",
        "a//b",
    ),
    *(
        "acme/time/\uff12026-11-a.yml",
        "acme/time/\udc80.yml",
        "acme/customer.yml\r",
        "acme/customer.yml ",
    ),
    *(".acme/customer.yml", "acme/time/.yml", "acme/other/x.yml", "acme/time/2026-11-alice"),
]
NAMES = st.lists(st.sampled_from([*PLAIN_NAMES * 4, *ODD_NAMES]), max_size=12)
CHANGED = st.builds(
    lambda name, place, piece: name[:place] + piece + name[place:],
    st.sampled_from(PLAIN_NAMES),
    st.integers(0, 30),
    st.sampled_from(["", "/", "\n", "A", "é", ".yml", "0", "-", " ", "\u017f", "K"]),
)


@settings(max_examples=EXAMPLES * 3)
@given(st.one_of(NAMES, st.lists(CHANGED, max_size=3)))
@example(PLAIN_NAMES)
def test_plain_names_are_those_with_which_nothing_is_wrong(names: list[str]) -> None:
    listed = sorted({*names})
    files = [LedgerFile(name, FileKind.FILE, 0) for name in listed]
    placed, misplaced = sort_into_places(files)
    plain = group_plain_names(listed)
    if plain is None:
        assert misplaced
        return
    assert not misplaced
    assert plain.organization == [file.path for file, place in placed if place.customer is None]
    grouped = [(name, slug) for slug, each in plain.customers.items() for name in each]
    assert grouped == [(file.path, place.customer) for file, place in placed if place.customer]


def test_customers_of_whom_something_is_there_have_what_is_there(tmp_path: Path) -> None:
    names = [name for name in PLAIN_NAMES if "/" in name]
    gone = {name for name in names if name.startswith("b/")} | {"acme/time/2026-11-alice.yml"}
    for name in {*names} - gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "acme/accounts.yml").unlink()
    (tmp_path / "acme/accounts.yml").symlink_to("customer.yml")
    files = FolderFiles(tmp_path, "customers/", names)
    placed, _misplaced = sort_into_places(files.list_files())
    plain = group_plain_names(sorted(names))
    assert plain is not None
    customers = CustomerFiles(files, plain.customers)
    assert [*customers] == ["acme", "x" * 39]
    assert "b" not in customers
    assert [pair for slug in customers for pair in customers[slug]] == placed


@pytest.mark.parametrize("odd", [None, *ODD_NAMES])
def test_a_ledger_has_the_same_files_whichever_way(tmp_path: Path, odd: str | None) -> None:
    names = [*PLAIN_NAMES, *([] if odd is None else [odd])]
    for name in ("acme/customer.yml", "provider.yml", "acme/time/2026-11-alice.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    if odd is not None and (tmp_path / odd).parent.is_dir() and not (tmp_path / odd).exists():
        (tmp_path / odd).write_text("x", "utf-8")
    by_name = Ledger(FolderFiles(tmp_path, "customers/", names))
    files = FolderFiles(tmp_path, "customers/", names)
    listed = Ledger(files, files.list_files())
    assert by_name.slugs == listed.slugs
    assert by_name.problems == listed.problems
    assert by_name.list_organization_files() == listed.list_organization_files()
    for slug in [*listed.slugs, "b", "nobody"]:
        assert by_name.list_customer_files(slug) == listed.list_customer_files(slug)
