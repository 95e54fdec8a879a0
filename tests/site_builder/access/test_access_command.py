import json
import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from ledger.errors import LedgerError
from ledger.models.fields import SignInAddress
from site_builder.access.server_files import render
from tests.conftest import Ran, RunPunchcard
from tests.web.portal_world import AS_OF, DOMAIN, World, write_world

DAY = ("--as-of", AS_OF)
EACH_SERVER = pytest.mark.parametrize("server", ["nginx", "caddy"])
EACH_MODE = pytest.mark.parametrize("mode", ["password", "sso"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return write_world(tmp_path / "world")


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """The folder that is written to."""
    return tmp_path / "to"


@pytest.fixture
def access(world: World, punchcard: RunPunchcard, to: Path) -> RunPunchcard:
    """Write who may come in; for nginx and on ``AS_OF``, unless told otherwise."""

    def run(
        *more: object,
        domain: tuple[str, ...] = ("--domain", DOMAIN),
        day: tuple[str, ...] = DAY,
    ) -> Ran:
        server = () if "--server" in more else ("--server", "nginx")
        line = ("portal", "access", "--to", to, *domain, "--portals", world.portals)
        return punchcard(world.root, *line, *server, *day, *more)

    return run


def read_all(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_ino)
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_it_says_who_may_come_in_and_why_others_may_not(access: RunPunchcard) -> None:
    ran = access()
    assert ran.status == 0
    assert ran.stdout.splitlines()[:7] == [
        "https://alpha.portals.example/  ann@alpha.example, Amy@alpha.example, both@shared.example",
        "  not gone@alpha.example: removed after 2026-11-19",
        "https://beta.portals.example/  ben+portal@beta.example, both@shared.example",
        "  not old@beta.example: disabled after 2026-11-19",
        "https://gamma.portals.example/  nobody",
        "  not cleo@gamma.example: the portal is closed",
        "https://omega.portals.example/  nobody",
    ]
    assert "not keyless@omega.example: has no key: punchcard account key" in ran.stdout
    assert "delta" not in ran.stdout
    said = json.loads(access("--layout", "path", "--format", "json").stdout)
    assert said["portals"][1] == {
        "customer": "beta",
        "state": "closing",
        "link": "https://portals.example/beta/",
        "accounts": ["ben+portal@beta.example", "both@shared.example"],
        "shut_out": [{"email": "old@beta.example", "reason": "disabled after 2026-11-19"}],
    }


@EACH_SERVER
@EACH_MODE
def test_files_are_for_the_group_alone_and_untouched_if_nothing_changed(
    access: RunPunchcard, to: Path, server: str, mode: str
) -> None:
    to.mkdir()
    if os.geteuid() == 0:
        os.chown(to, -1, 33)
    asked = ("--server", server, "--mode", mode, "--no-reload")
    assert access(*asked).status == 0
    written = read_all(to)
    for name in written:
        status = (to / name).stat()
        assert (stat.S_IMODE(status.st_mode), status.st_gid) == (0o640, to.stat().st_gid), name
        assert stat.S_IMODE((to / name).parent.stat().st_mode) & 0o007 == 0 or "/" not in name
    assert "nothing changed in" in access(*asked).stdout
    assert read_all(to) == written
    assert not [name for name in written if ".new-" in name]


def test_what_has_ended_is_taken_away(
    world: World, access: RunPunchcard, punchcard: RunPunchcard, to: Path
) -> None:
    sso = ("--mode", "sso")
    assert access(*sso).status == 0
    listed = {path.name for path in (to / "listed/alpha").iterdir()}
    assert listed >= {"Amy@alpha.example", "amy@alpha.example", "ann@alpha.example"}
    punchcard(world.root, "account", "remove", "alpha", "ann@alpha.example", *DAY)
    assert access(*sso, "--as-of", "2026-11-21").status == 0
    assert not (to / "listed/alpha/ann@alpha.example").exists()
    assert access(*sso, "--as-of", "2027-03-02").status == 0
    assert not (to / "listed/alpha").exists()
    assert access("--as-of", "2027-03-02").status == 0
    assert not list((to / "listed").glob("*"))
    assert (to / "users/alpha").read_text() == ""


def test_a_clock_that_jumped_back_lets_nobody_in_again(access: RunPunchcard, to: Path) -> None:
    assert access().status == 0
    before = read_all(to)
    assert "old@beta" not in (to / "users/beta").read_text()
    access("--as-of", "2026-11-19").refused("2026-11-19 lies before 2026-11-20")
    assert read_all(to) == before
    assert access("--as-of", "2026-11-19", "--allow-earlier").status == 0
    assert "old@beta" in (to / "users/beta").read_text()


@EACH_SERVER
def test_a_clock_that_jumped_ahead_shuts_nobody_out(
    access: RunPunchcard, to: Path, server: str
) -> None:
    asked = ("--server", server, "--no-reload")
    assert access(*asked, "--as-of", "2020-01-01").status == 0
    before = read_all(to)
    access(*asked, day=()).refused("days after 2020-01-01, the day of the last run")
    assert read_all(to) == before
    assert access(*asked).status == 0


@EACH_SERVER
@EACH_MODE
def test_what_a_server_cannot_know_is_left_out_alone(
    world: World, access: RunPunchcard, to: Path, server: str, mode: str
) -> None:
    accounts = world.root / "customers/omega/accounts.yml"
    hashed = re.findall("key_hash: .*", (world.root / "customers/beta/accounts.yml").read_text())[0]
    long = f"{'ü' * 120}@omega.example"
    accounts.write_text(
        "".join(
            f"- {{email: {email}, name: X, created: 2026-11-01, {hashed}}}\n"
            for email in ("İpek@omega.example", long)
        )
    )
    strange = world.root / "customers/strange-"
    shutil.copytree(world.root / "customers/alpha", strange)
    (strange / "customer.yml").write_text(
        (strange / "customer.yml").read_text().replace("ALPHA", "STRANGE")
    )
    ran = access("--server", server, "--mode", mode, "--no-reload")
    assert ran.status == 1
    assert "error: strange- cannot be part of a host name" in ran.stderr
    assert f"not {long}: a web server cannot take such an address" in ran.stdout
    assert "https://omega.portals.example/  İpek@omega.example" in ran.stdout
    assert "strange-" not in "".join(read_all(to))
    assert any(b"ann@alpha" in name.encode() + text for name, (text, _) in read_all(to).items())


def test_a_folder_of_somebody_else_is_left_alone(
    world: World, access: RunPunchcard, to: Path
) -> None:
    to.mkdir()
    (to / "notes.txt").write_text("mine")
    access().refused("is left as it is")
    assert [path.name for path in to.iterdir()] == ["notes.txt"]
    for inside in (world.portals / "access", world.portals.parent):
        assert access("--to", inside).status == 2


def test_nothing_is_half_written_when_the_disk_is_full(
    access: RunPunchcard, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert access().status == 0
    before = read_all(to)

    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("site_builder.access.writer.os.fsync", refuse)
    access("--as-of", "2027-03-02").refused(
        "No space left on device", "people may still come in who should not"
    )
    assert read_all(to) == before
    monkeypatch.undo()


def test_an_error_in_a_purchase_closes_no_portal_and_one_in_an_account_opens_none(
    world: World, access: RunPunchcard, to: Path
) -> None:
    customers = world.root / "customers"
    (customers / "alpha/purchases.yml").write_text("- {id: P1, date: tomorrow}\n")
    (customers / "alpha/customer.yml").write_text("name: Alpha\nkey: ALPHA\ncurrency: USD\n")
    accounts = customers / "beta/accounts.yml"
    accounts.write_text(accounts.read_text().replace("name: Somebody", "nam: Somebody", 1))
    access().refused("customers/alpha/purchases.yml:1:", "customers/beta/accounts.yml:", status=1)
    assert "ann@alpha.example" in (to / "users/alpha").read_text()
    assert "old@beta" not in (to / "users/beta").read_text()
    assert "both@shared" in (to / "users/beta").read_text()
    before = read_all(to)
    (customers / "terms.yml").write_text("nothing\n")
    access().refused("everything stays as it was", status=1)
    assert read_all(to) == before


def test_it_reads_a_revision(world: World, access: RunPunchcard, to: Path) -> None:
    (world.root / "customers/alpha/accounts.yml").unlink()
    assert access("--rev", "HEAD").status == 0
    assert "ann@alpha" in (to / "users/alpha").read_text()
    assert access().status == 0
    assert (to / "users/alpha").read_text() == ""


def test_the_domain_is_that_of_the_provider(world: World, access: RunPunchcard) -> None:
    access(domain=()).refused("portal_domain into provider.yml")
    with (world.root / "customers/provider.yml").open("a", encoding="utf-8") as file:
        file.write("portal_domain: our.portals.example\n")
    assert "https://alpha.our.portals.example/" in access(domain=()).stdout


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--domain", "portals.example; include /etc/passwd"),
        ("--domain", "-portals.example"),
        ("--domain", "localhost"),
        ("--listen", "80; server_name x"),
        ("--gateway", "http://127.0.0.1:4180; deny all"),
        ("--portals", "/srv/a$b"),
        ("--portals", '/srv/a"b'),
        ("--portals", "/srv/a\nb"),
        ("--log", "/srv/{env.HOME}"),
        ("--log", "/srv/a\\b"),
    ],
)
def test_nothing_gets_into_a_configuration_but_values(
    access: RunPunchcard, to: Path, option: str, value: str
) -> None:
    for server in ("nginx", "caddy"):
        ran = access("--server", server, "--mode", "sso", "--no-reload", option, value)
        assert ran.status == 2
        assert not (to / "nginx.conf").exists()
        assert not (to / "Caddyfile").exists()


@pytest.mark.parametrize(
    "address",
    [
        *('a"b@x.example', "a{b}@x.example", "a\\b@x.example", "a`b@x.example", "#a@x.example"),
        *("a/../b@x.example", "a*@x.example", "a$b@x.example", "a\x00b@x.example", "a@x.example/"),
        *("a@b@x.example", "a\u2028b@x.example", ".@x.example", "@x.example", "a(b)@x.example"),
    ],
)
def test_an_address_that_could_mean_something_to_a_server_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(SignInAddress).validate_python(address)


@pytest.mark.parametrize(
    "address", ["dana@acme.example", "jörg.müller+x@bücher.example", "o'neil_1%x=y@a-b.example"]
)
def test_ordinary_addresses_are_taken(address: str) -> None:
    assert TypeAdapter(SignInAddress).validate_python(address) == address


def test_who_is_refused_reads_it_in_the_language_of_the_portal(
    world: World, access: RunPunchcard, to: Path
) -> None:
    """A look that cannot be used changes the words, never who comes in."""
    with (world.root / "customers/alpha/customer.yml").open("a", encoding="utf-8") as file:
        file.write("language: de-AT\n")
    (world.root / "mkdocs.yml").write_text("plugins: [punchcard: {texts: gone}]\n")
    assert access().status == 0
    words = {"alpha": '<html lang="de">', "beta": "No access", "not.there": "Nothing here"}
    for name, said in words.items():
        assert said in (to / "pages" / f"{name}.html").read_text()


def test_who_is_refused_reads_the_true_reason(world: World, access: RunPunchcard, to: Path) -> None:
    """Whose portal it is, after how many months an account ends, until when the portal was open."""
    terms = world.root / "customers/terms.yml"
    terms.write_text(
        re.sub("(inactivity_months:) [0-9]+", r"\1 7", terms.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
    assert access().status == 0
    pages = {file.stem: file.read_text() for file in (to / "pages").glob("*.html")}
    assert all("<bdi>Example Tools</bdi>" in page for page in pages.values())
    assert "not been used for 7 months is closed by itself" in pages["alpha"]
    assert "was open until" not in pages["alpha"]
    assert re.search("was open until [0-9]+ [A-Z][a-z]+ 20[0-9]{2}: ", pages["gamma"])
    assert "7 months" not in pages["gamma"]


def test_a_value_with_a_sign_of_the_language_is_refused_wherever_it_stands() -> None:
    for sign in '"{}\\$`<>\n\t*()#':
        with pytest.raises(LedgerError, match="cannot stand in"):
            render(
                "nginx_headers.conf", policy=f"a{sign}b", cache="", certificate=None, is_sso=False
            )
