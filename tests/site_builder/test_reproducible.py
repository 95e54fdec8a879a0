"""The same files and the same date make the same bytes, in another process and another time."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import SAMPLE_DAY, build_all

PROGRAM = """
import sys
from datetime import date
from pathlib import Path
from ledger.ledger import open_ledger
from site_builder.build import build_portals
with open_ledger(Path(sys.argv[1])) as ledger:
    build_portals(ledger, Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
"""


def test_two_builds_are_byte_identical(
    two_customers: Path, two_portals: Path, tmp_path: Path
) -> None:
    """Also when sets are in another order, and the clock says something else."""
    output = tmp_path / "elsewhere" / "again"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "4711",
        "SOURCE_DATE_EPOCH": "1000000000",
        "TZ": "Pacific/Auckland",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    arguments = [str(two_customers), str(output), SAMPLE_DAY.isoformat()]
    subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=True, env=environment)
    # The manifest beside the portals has the fingerprint, and that has SOURCE_DATE_EPOCH.
    for slug in ("first", "second"):
        assert read_all_files(output / slug) == read_all_files(two_portals / slug)


def test_a_week_later_only_forecasts_and_downloads_differ(
    two_customers: Path, two_portals: Path, tmp_path: Path
) -> None:
    """What a customer sees each week anew does not touch the other pages."""
    build_all(two_customers, tmp_path / "site", ("first",), SAMPLE_DAY + timedelta(days=7))
    before = read_all_files(two_portals / "first")
    after = read_all_files(tmp_path / "site" / "first")
    assert before.keys() == after.keys()
    changed = {path for path in before if before[path] != after[path]}
    assert {path for path in changed if path.startswith("statements/")} == {
        path for path in before if path.startswith("statements/")
    }
    changed = {path for path in changed if not path.startswith("statements/")}
    assert changed == {
        "buy-hours.html",
        "index.html",
        "feed.xml",
        "last-days.ics",
        "statement-document.html",
        "statement.csv",
        "statement.json",
    }
