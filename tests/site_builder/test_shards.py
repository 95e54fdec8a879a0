"""Parts of the portals: all of them together are what one build of all makes, or are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.loader import open_ledger
from site_builder.build import build_portals
from site_builder.combination import combine_parts, read_parts
from site_builder.output_folder import MANIFEST_NAME
from site_builder.part_record import PartCustomer, PartRecord, read_part, require_whole
from site_builder.shards import Shard, parse_shard
from tests.conftest import RunPunchcard, commit_all, start_repository
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import SAMPLE_DAY
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

COUNT = 3
FIRST_IN_SECOND_EIGHTH = [f"customer-{number}" for number in (6, 9, 11, 23, 24, 28)]


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with some customers, one of them without a portal."""
    root = start_repository(tmp_path_factory.mktemp("many"))
    names = [f"customer-{number}" for number in range(6)]
    customers = [make_customer(name, f"K{at}", name.title()) for at, name in enumerate(names)]
    write_ledger(root / "customers", ORGANIZATION, *customers)
    without = {"none/customer.yml": "{name: Nobody yet, key: NO, currency: USD}\n"}
    write_ledger(root / "customers", without)
    return commit_all(root)


def build(root: Path, output: Path, shard: Shard | None, as_of: date = SAMPLE_DAY) -> Path:
    with open_ledger(root) as ledger:
        build_portals(ledger, output, as_of, shard or ())
    return output


@pytest.fixture(scope="session")
def parts(many: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All parts of the portals; a test may not change them."""
    folder = tmp_path_factory.mktemp("parts")
    shards = [Shard(number + 1, COUNT) for number in range(COUNT)]
    return [build(many, folder / f"part-{shard.number}", shard) for shard in shards]


def test_all_parts_are_the_whole(many: Path, parts: list[Path], tmp_path: Path) -> None:
    """To the byte, the manifest included; and each of them is a part."""
    whole = read_all_files(build(many, tmp_path / "whole", None))
    combine_parts(read_parts(parts[::-1]), tmp_path / "combined", jobs=2)
    assert read_all_files(tmp_path / "combined") == whole
    assert all(len(read_all_files(part)) < len(whole) for part in parts)


def test_a_whole_takes_the_place_of_one(many: Path, parts: list[Path], tmp_path: Path) -> None:
    """What is not in the parts goes; what somebody put beside the portals stays."""
    output = build(many, tmp_path / "site", None, date(2026, 9, 1))
    (output / "robots.txt").write_text("Disallow: /", encoding="utf-8")
    combine_parts(read_parts(parts), output)
    expected = read_all_files(build(many, tmp_path / "whole", None))
    assert read_all_files(output) == {**expected, "robots.txt": b"Disallow: /"}


def test_the_theme_lies_there_once(parts: list[Path], tmp_path: Path) -> None:
    """Parts come with a copy for each portal when they were packed for the way."""
    copies = [Path(shutil.copytree(part, tmp_path / part.name)) for part in parts]
    combine_parts(read_parts(copies), tmp_path / "site")
    styles = list((tmp_path / "site").glob("*/assets/stylesheets/portal.css"))
    assert len(styles) > 1
    assert len({style.stat().st_ino for style in styles}) == 1


@given(st.lists(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)), st.integers(1, 40))
def test_everybody_is_in_one_share(slugs: list[str], count: int) -> None:
    """Whoever else there is: the name alone decides."""
    shards = [Shard(number + 1, count) for number in range(count)]
    assert all(sum(shard.holds(slug) for shard in shards) == 1 for slug in slugs)


def test_shares_are_fixed_and_of_a_size() -> None:
    """The same on every machine, in every version."""
    slugs = [f"customer-{number}" for number in range(8000)]
    assert [slug for slug in slugs[:40] if Shard(2, 8).holds(slug)] == FIRST_IN_SECOND_EIGHTH
    for number in range(8):
        assert 900 < sum(map(Shard(number + 1, 8).holds, slugs)) < 1100


@pytest.mark.parametrize("text", ["", "2", "0/8", "9/8", "1/0", "-1/8", "1/8/2", "a/b", "1/99999"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(ValueError, match="write 2/8"):
        parse_shard(text)


def make_parts(count: int = 3) -> dict[str, PartRecord]:
    """Return records of parts that make a whole."""
    slugs = [f"customer-{number}" for number in range(20)]
    shards = [Shard(number + 1, count) for number in range(count)]
    return {
        f"part-{shard.number}": PartRecord(
            shard=shard,
            as_of="2026-11-20",
            revision="c" * 40,
            previous="published/2026-11-13",
            look="look",
            versions={"mkdocs": "1.6.1", "mkdocs-material": "9.6.0"},
            customer_count=len(slugs),
            customers={
                slug: PartCustomer(f"K{slug[9:]}", "d") for slug in slugs if shard.holds(slug)
            },
        )
        for shard in shards
    }


def test_parts_that_make_a_whole() -> None:
    """However many they are; and what the manifest says reads back the same."""
    for count in (1, 2, 8):
        parts = make_parts(count)
        require_whole(parts)
        require_whole({name: read_part(part.to_plain()) for name, part in parts.items()})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"as_of": "2026-11-27"}, r"different days: .*2026-11-.* and 2026-11-"),
        ({"revision": "d" * 40}, "different commits"),
        ({"previous": ""}, r"different publications: published/2026-11-13 and none"),
        ({"previous": "published/2026-11-13.2"}, r"/2026-11-13 and published/2026-11-13\.2"),
        ({"look": "other"}, "different templates, settings or code"),
        ({"versions": {"mkdocs": "1.6.1", "mkdocs-material": "9.7.0"}}, r"=9\.6\.0 and .*=9\.7\.0"),
        ({"versions": {"mkdocs": "1.6.1"}}, "different versions"),
        ({"customer_count": 21}, "different numbers of customers"),
        ({"shard": Shard(3, 4)}, "different numbers of parts"),
        ({"shard": Shard(1, 3)}, r"part-1 and part-3 are both part 1/3"),
        ({"customers": {}}, "customers together, the ledger 20"),
        ({"customers": {"customer-0": PartCustomer("K0", "")}}, "who is not in 3/3"),
    ],
    ids=str,
)
def test_parts_that_disagree(changes: dict[str, Any], message: str) -> None:
    """Each message says which parts, and about what."""
    parts = make_parts()
    parts["part-3"] = replace(parts["part-3"], **changes)
    with pytest.raises(LedgerError, match=message):
        require_whole(parts)


def test_a_missing_part_and_a_key_of_two() -> None:
    """Neither can be seen in one part alone."""
    parts = make_parts()
    with pytest.raises(LedgerError, match="there is no part 2/3"):
        require_whole({name: part for name, part in parts.items() if name != "part-2"})
    with pytest.raises(LedgerError, match="no parts"):
        require_whole({})
    same = {slug: PartCustomer("K0", "d") for slug in parts["part-2"].customers}
    with pytest.raises(LedgerError, match="have the same key K0"):
        require_whole({**parts, "part-2": replace(parts["part-2"], customers=same)})


def damage_page(part: Path) -> None:
    page = next(part.glob("*/index.html"))
    content = page.read_bytes()
    page.unlink()
    page.write_bytes(content[:-1])


def remove_page(part: Path) -> None:
    next(part.glob("*/terms.html")).unlink()


def add_page(part: Path) -> None:
    next(part.glob("*/terms.html")).with_name("more.html").touch()


def put_link(part: Path) -> None:
    page = next(part.glob("*/terms.html"))
    page.unlink()
    page.symlink_to("index.html")


def remove_portal(part: Path) -> None:
    shutil.rmtree(next(part.glob("customer-*")))


def name_no_customer(part: Path) -> None:
    manifest = json.loads((part / MANIFEST_NAME).read_text(encoding="utf-8"))
    slug = min(manifest["portals"])
    for table in (manifest["portals"], manifest["part"]["customers"]):
        table[f"../{slug}"] = table.pop(slug)
    (part / MANIFEST_NAME).write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    "damage", [damage_page, remove_page, add_page, put_link, remove_portal, name_no_customer]
)
def test_a_part_that_is_not_as_it_was_built(
    damage: Callable[[Path], None], parts: list[Path], tmp_path: Path
) -> None:
    """It is refused, and what was there stays."""
    damaged = Path(shutil.copytree(parts[1], tmp_path / "part-2"))
    damage(damaged)
    with pytest.raises(LedgerError, match=r"as it was built|agree with itself"):
        combine_parts(read_parts([parts[0], damaged, parts[2]]), tmp_path / "site")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["part-2"]


def test_a_part_takes_no_other_ones_place(many: Path, parts: list[Path], tmp_path: Path) -> None:
    """Nor that of the whole; and no single portal is built into it."""
    part = Path(shutil.copytree(parts[0], tmp_path / "part"))
    before = read_all_files(part)
    whole = build(many, tmp_path / "whole", None)
    with pytest.raises(LedgerError, match="holds part 1/3"):
        build(many, part, Shard(2, COUNT))
    with pytest.raises(LedgerError, match="holds all portals"):
        build(many, whole, Shard(2, COUNT))
    with pytest.raises(LedgerError, match="holds part 1/3"), open_ledger(many) as ledger:
        build_portals(ledger, part, SAMPLE_DAY, ("customer-0",))
    with pytest.raises(LedgerError, match="holds part 1/3"):
        combine_parts(read_parts(parts), part)
    with pytest.raises(LedgerError, match="is no part"):
        read_parts([whole])
    assert read_all_files(part) == before


def test_files_that_no_commit_has(many: Path, tmp_path: Path) -> None:
    """Nobody could tell whether two parts are of the same."""
    root = Path(shutil.copytree(many, tmp_path / "many"))
    with (root / "customers" / "terms.yml").open("a", encoding="utf-8") as terms:
        terms.write("\n")
    with pytest.raises(LedgerError, match="of a commit"):
        build(root, tmp_path / "part", Shard(1, 3))
    assert not (tmp_path / "part").exists()


def test_the_commands(many: Path, punchcard: RunPunchcard, tmp_path: Path) -> None:
    """With the cache, from one week to the next."""
    for week in ("2026-11-20", "2026-11-27"):
        for number in (1, 2):
            shard = ("--shard", f"{number}/2", "--output", tmp_path / f"part-{number}")
            assert punchcard(many, "portal", "build", "--as-of", week, *shard).status == 0
        arguments = (tmp_path / "part-1", tmp_path / "part-2", "--output", tmp_path / "site")
        ran = punchcard(many, "portal", "combine", *arguments)
        assert ran.status == 0, ran.stderr
        assert "6 portals of 2 parts" in ran.stdout
    whole = build(many, tmp_path / "whole", None, date(2026, 11, 27))
    assert read_all_files(tmp_path / "site") == read_all_files(whole)
    ran = punchcard(many, "portal", "build", "customer-1", "--shard", "1/2")
    assert ran.status == 2
    assert "name no customer" in ran.stderr
