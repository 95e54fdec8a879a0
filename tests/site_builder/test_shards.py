"""Shards: fixed shares of the customers, whose portals together are those of one build of all."""

import json
import shutil
from pathlib import Path

import pytest

from site_builder.build import Shard, parse_shard
from site_builder.output import MANIFEST_NAME
from tests.conftest import RunPunchcard, commit_all, start_repository
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

FIRST_IN_SECOND_EIGHTH = [f"customer-{number}" for number in (6, 9, 11, 23, 24, 28)]


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with some customers, one of them without a portal."""
    root = start_repository(tmp_path_factory.mktemp("many"))
    names = [f"customer-{number}" for number in range(6)]
    customers = [make_customer(name, f"K{at}", f"Mark{at}") for at, name in enumerate(names)]
    write_ledger(root / "customers", ORGANIZATION, *customers)
    without = {"none/customer.yml": "{name: Nobody yet, key: NO, currency: USD}\n"}
    write_ledger(root / "customers", without)
    return commit_all(root)


def test_shares_are_fixed_and_of_a_size() -> None:
    """The same on every machine, in every version; everybody is in one, by the name alone."""
    slugs = [f"customer-{number}" for number in range(8000)]
    assert [slug for slug in slugs[:40] if Shard(2, 8).holds(slug)] == FIRST_IN_SECOND_EIGHTH
    shares = [[slug for slug in slugs if Shard(number, 8).holds(slug)] for number in range(1, 9)]
    assert all(900 < len(share) < 1100 for share in shares)
    assert sorted(slug for share in shares for slug in share) == sorted(slugs)


@pytest.mark.parametrize("text", ["", "2", "0/8", "9/8", "1/0", "-1/8", "1/8/2", "a/b", "1/99999"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(ValueError, match="write 2/8"):
        parse_shard(text)


def test_folders_of_all_shards_together_are_one_build(
    many: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    """To the byte; copied together by hand, from one week to the next."""
    build = ("portal", "build", "--output")
    parts = [tmp_path / f"part-{number}" for number in (1, 2)]
    for week in ("2026-11-20", "2026-11-27"):
        for part, shard in zip(parts, ("1/2", "2/2"), strict=True):
            ran = punchcard(many, *build, part, "--shard", shard, "--as-of", week)
            assert ran.status == 0, ran.stderr
    assert punchcard(many, *build, tmp_path / "whole", "--as-of", "2026-11-27").status == 0
    manifests = [json.loads((part / MANIFEST_NAME).read_text(encoding="utf-8")) for part in parts]
    for part in parts:
        shutil.copytree(part, tmp_path / "site", dirs_exist_ok=True)
    portals = {**manifests[0]["portals"], **manifests[1]["portals"]}
    whole, together = read_all_files(tmp_path / "whole"), read_all_files(tmp_path / "site")
    manifest = json.loads(whole.pop(MANIFEST_NAME))
    del together[MANIFEST_NAME]
    assert together == whole
    assert {**manifests[0], "portals": portals} == manifest
    assert len(portals) == 6


def test_a_share_replaces_only_its_own_customers(
    many: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    """A customer of the share who is gone loses the portal; the other share's stay."""
    root = Path(shutil.copytree(many, tmp_path / "many"))
    output = tmp_path / "site"
    build = ("portal", "build", "--as-of", "2026-11-20", "--output", output)
    assert punchcard(root, *build).status == 0
    inside, outside = (
        next(name for name in map("customer-{}".format, range(6)) if Shard(1, 2).holds(name) is it)
        for it in (True, False)
    )
    for name in (inside, outside):
        shutil.rmtree(root / "customers" / name)
    assert punchcard(root, *build, "--shard", "1/2").status == 0
    assert not (output / inside).exists()
    assert (output / outside / "index.html").is_file()
