"""Files that Git calls unchanged although they are not the commit's: no figure bears its id."""

import json
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, commit_all, git

AS_OF = ("--as-of", "2026-11-20")
FILE = "customers/acme/time/2026-11-alice.yml"


def convert(root: Path, attribute: str) -> None:
    (root / ".gitattributes").write_text(f"{FILE} {attribute}\n")
    commit_all(root)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("sparse-checkout set --no-cone /* !customers/acme/time", "is left out of the work tree"),
        (f"update-index --skip-worktree {FILE}", "is left out of the work tree"),
        (f"update-index --assume-unchanged {FILE}", "is assumed to be unchanged"),
        ("ident", "is converted by its attribute ident"),
        ("filter=lfs", "is converted by its attribute filter"),
        ("working-tree-encoding=UTF-16", "its attribute working-tree-encoding"),
    ],
)
def test_a_ledger_with_hidden_files_is_not_that_of_a_commit(
    how: str, reason: str, punchcard: RunPunchcard, sample_repository: Path
) -> None:
    root, site = sample_repository, sample_repository.parent / "site"
    build = ("portal", "build", "acme", *AS_OF, "--output", site)
    site.mkdir()
    before = punchcard(root, "balance", "acme", *AS_OF, "--format", "json").stdout
    assert punchcard(root, "check", *AS_OF).status == 0
    if " " in how:
        git(root, *how.split())
    else:
        convert(root, how)
    if "update-index" in how:
        (root / FILE).write_text("")
    ran = punchcard(root, "balance", "acme", *AS_OF, "--format", "json")
    assert json.loads(ran.stdout)[0]["revision"] is None
    assert reason in ran.stderr
    ran = punchcard(root, "check", *AS_OF)
    assert ran.status == 1
    assert "error[file-name]: Git hides what is committed here" in ran.stdout
    assert reason in ran.stdout
    ran = punchcard(root, *build)
    assert (ran.status, [*site.iterdir()]) == (2, [])
    assert f"{reason}: this is not the ledger of a commit" in ran.stderr.replace("\n", " ")
    access = ("portal", "access", "--to", site, "--portals", root / "portals", *AS_OF)
    ran = punchcard(root, *access, "--server", "caddy", "--domain", "portals.tools.example")
    assert (ran.status, [*site.iterdir()]) == (2, [])
    at_head = ("--rev", "HEAD", "--format", "json")
    (now,) = json.loads(punchcard(root, "balance", "acme", *AS_OF, *at_head).stdout)
    assert now | {"revision": ""} == json.loads(before)[0] | {"revision": ""}


@pytest.mark.parametrize("attribute", ["ident", "filter=lfs", "working-tree-encoding=UTF-16"])
@pytest.mark.parametrize("is_bare", [False, True])
def test_a_commit_whose_files_are_converted_is_refused(
    attribute: str, is_bare: bool, punchcard: RunPunchcard, sample_repository: Path, tmp_path: Path
) -> None:
    root = sample_repository
    convert(root, attribute)
    if is_bare:
        git(root, "clone", "--quiet", "--bare", str(root), str(tmp_path / "bare.git"))
        root = tmp_path / "bare.git"
    ran = punchcard(root, "check", *AS_OF, "--rev", "HEAD")
    assert ran.status == 1
    assert f"{FILE}:1:1: error[file-name]: Git hides what is committed here" in ran.stdout
    assert ran.stdout.count("is converted by its attribute") == 1


def test_no_earlier_check_hides_that_files_are_converted(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    at_head = ("check", *AS_OF, "--rev", "HEAD")
    assert punchcard(sample_repository, *at_head).status == 0  # and remembered
    convert(sample_repository, "ident")
    ran = punchcard(sample_repository, *at_head)
    assert (ran.status, "converted by its attribute ident" in ran.stdout) == (1, True)


@pytest.mark.parametrize("attribute", ["text", "-ident", "!filter", "merge=union"])
def test_what_changes_no_figure_is_let_be(
    attribute: str, punchcard: RunPunchcard, sample_repository: Path
) -> None:
    convert(sample_repository, attribute)
    assert punchcard(sample_repository, "check", *AS_OF, "--strict").status == 0
    assert punchcard(sample_repository, "check", *AS_OF, "--rev", "HEAD").status == 0
    ran = punchcard(sample_repository, "balance", "acme", *AS_OF, "--format", "json")
    assert json.loads(ran.stdout)[0]["revision"] == git(sample_repository, "rev-parse", "HEAD")


def test_time_is_logged_where_another_customer_is_left_out(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    git(sample_repository, "sparse-checkout", "set", "customers/acme")
    entry = ("log", "acme", "ACME-14", "15m", "-m", "Looked into it", "--as", "alice")
    ran = punchcard(sample_repository, *entry, "--date", "2026-11-20")
    assert (ran.status, "left out" in ran.stdout + ran.stderr) == (0, False)
    assert git(sample_repository, "status", "--porcelain") == f"M {FILE}"
