"""Makes the outputs of the ``punchcard`` that is installed beside this Python.

    python -P -m tests.same.produce OUTPUT --inputs TREE [--only sample,portals] [--jobs 2]

The program is taken from the environment, the scenarios from the folder that is first on
PYTHONPATH, and the sample and the example ledgers from TREE: so that any version can be asked.
"""

import argparse
import os
import random
import secrets
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import bcrypt

from tests.same.recorder import Recorder, load_program
from tests.same.scenarios import PARTS, list_scripts


def main() -> None:
    """Make the outputs that the command line asks for, in OUTPUT/PART/SCENARIO/."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    output, inputs = options.output.resolve(), options.inputs.resolve()
    program = load_program()
    with ProcessPoolExecutor(options.jobs, get_context("fork")) as workers:
        running = []
        for part in options.only.split(","):
            shutil.rmtree(output / part, ignore_errors=True)
            for name, script in list_scripts(part, inputs).items():
                scenario = partial(run_scenario, program, inputs, script, output / part / name)
                running.append(workers.submit(scenario))
        for each in running:
            each.result()


def run_scenario(program: Callable[[], Any], inputs: Path, script: str, output: Path) -> None:
    """Run a script in a folder of its own; the names of these folders are equally long."""
    make_keys_known()
    with tempfile.TemporaryDirectory(prefix="same-") as scratch:
        Recorder(program, inputs, Path(scratch), output).run_script(script)


def make_keys_known() -> None:
    """Let access keys and their hashes, and the letters of ids, be the same every time."""
    secrets.choice = random.Random(0).choice
    bcrypt.gensalt = lambda *_: b"$2b$05$" + b"abcdefghijklmnopqrstuu"


if __name__ == "__main__":
    main()
