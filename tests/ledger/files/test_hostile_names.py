"""Files and folders with hostile names, or that are no files: a problem with a place each."""

import os
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.files.hostile_ledger import CUSTOMER, check


@pytest.mark.parametrize("name", ["acme/customer.yml", "terms.yml"])
def test_a_folder_where_a_file_should_be(name: str, root: Path, punchcard: RunPunchcard) -> None:
    path = root / "customers" / name
    path.unlink(missing_ok=True)
    path.mkdir()
    (path / "2026.yml").write_text("")
    (root / "customers" / "provider.yml").write_text("")
    message = f"error[file-name]: {path.name} is a folder, but must be a file"
    assert f"customers/{name}:1:1: {message}" in check(root, punchcard).stdout


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../outside.yml", "customer.yml", "gone"])
def test_a_symbolic_link_is_never_followed(
    target: str, root: Path, punchcard: RunPunchcard
) -> None:
    (root.parent / "outside.yml").write_text("- {email: SECRET}\n")
    (root / "customers" / "acme" / "accounts.yml").symlink_to(target)
    ran = check(root, punchcard)
    message = "accounts.yml:1:1: error[file-name]: a symbolic link, not a file"
    assert f"customers/acme/{message}" in ran.stdout
    assert "SECRET" not in ran.stdout
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "A link")
    assert message in check(root, punchcard, "--rev", "HEAD").stdout


def test_a_symbolic_link_in_place_of_a_folder(root: Path, punchcard: RunPunchcard) -> None:
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere" / "ACME-1.yml").write_text("title: SECRET\n")
    (root / "customers" / "acme" / "requests").symlink_to(root.parent / "elsewhere")
    ran = check(root, punchcard)
    assert "customers/acme/requests:1:1: error[file-name]: a symbolic link" in ran.stdout
    assert "SECRET" not in ran.stdout


def test_a_pipe_does_not_hang(root: Path, punchcard: RunPunchcard) -> None:
    accounts = root / "customers" / "acme" / "accounts.yml"
    accounts.write_text("")
    git(root, "add", ".")
    accounts.unlink()
    os.mkfifo(accounts)
    ran = check(root, punchcard)
    assert f"{accounts.relative_to(root)}:1:1: error[file-name]: a special file" in ran.stdout


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ACME/customer.yml", "acme"),
        ("acme/requests/ACME-1.yml", "acme/requests/Acme-1.yml"),
        ("acme/Requests/ACME-1.yml", "acme/requests"),
    ],
)
def test_names_that_differ_only_in_case(
    first: str, second: str, root: Path, punchcard: RunPunchcard
) -> None:
    for name in (first, second if second.endswith(".yml") else f"{second}/ACME-2.yml"):
        path = root / "customers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    ran = check(root, punchcard)
    depth = second.count("/")
    clash = f"the name differs from {first.split('/')[depth]!r} only in case"
    assert f"customers/{second}:1:1: error[file-name]: {clash}" in ran.stdout


def test_names_that_differ_only_in_their_encoding(root: Path, punchcard: RunPunchcard) -> None:
    for name in ("m\u00fcller", "mu\u0308ller"):
        (root / "customers" / name).mkdir()
        (root / "customers" / name / "customer.yml").write_bytes(CUSTOMER)
    ran = check(root, punchcard)
    assert "the name differs from 'mu\u0308ller' in no letter that one sees" in ran.stdout
    assert "is no name for a customer's folder" in ran.stdout


STRANGE_NAMES = {
    "not UTF-8": (b"caf\xe9.yml", r"caf\udce9.yml"),
    "a line end": (b"a\nb.yml", r"a\nb.yml"),
    "an escape sequence": (b"\x1b[31mred.yml", r"\x1b[31mred.yml"),
    "a colon": (b"12:30.yml", "12:30.yml"),
    "a workflow command": (b"::error::x.yml", "::error::x.yml"),
    "an option": (b"--version", "--version"),
    "blanks": (b"  ", "  "),
    "right to left": ("\u202egnp.yml".encode(), r"\u202egnp.yml"),
    "pathspec magic": (b":(top)x.yml", ":(top)x.yml"),
    "a glob": (b"*.yml", "*.yml"),
    "255 bytes": (b"n" * 255, "n" * 255),
}


@pytest.mark.parametrize("where", ["customers", "customers/acme", "customers/acme/requests"])
@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_a_strange_name_is_a_problem_that_can_be_printed(
    name: str, where: str, root: Path, punchcard: RunPunchcard
) -> None:
    raw, shown = STRANGE_NAMES[name]
    folder = root / where
    folder.mkdir(exist_ok=True)
    (Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))).write_text("x: y\n")
    for options in ((), ("--format", "github"), ("--format", "json")):
        ran = check(root, punchcard, *options)
        assert ran.status == 1
        assert "\x1b" not in ran.stdout
        assert all(line.isprintable() for line in ran.stdout.splitlines())
    assert f"{where}/{shown}:1:1: error[file-name]: " in check(root, punchcard).stdout


def test_a_strange_name_of_a_folder(root: Path, punchcard: RunPunchcard) -> None:
    folder = Path(os.fsdecode(os.fsencode(root / "customers") + b"/bolt\n\xff"))
    folder.mkdir()
    (folder / "customer.yml").write_bytes(CUSTOMER)
    ran = check(root, punchcard)
    assert r"customers/bolt\n\udcff:1:1: error[file-name]: " in ran.stdout


def test_the_ledger_itself_is_a_symbolic_link(root: Path, punchcard: RunPunchcard) -> None:
    (root / "customers").rename(root.parent / "moved")
    (root / "customers").symlink_to(root.parent / "moved")
    ran = punchcard(root, "check", "--as-of", "2026-11-20")
    assert ran.status == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("punchcard: error: ")
