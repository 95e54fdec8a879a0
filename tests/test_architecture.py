"""The structure of the code: which way imports point, and what is used in one place alone."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = sorted(
    file for package in ("ledger", "site_builder") for file in ROOT.glob(f"{package}/**/*.py")
)
LAYERS = [
    {"ledger.errors", "ledger.text", "ledger.money", "ledger.dates", "ledger.duration"}
    | {"ledger.uses", "ledger.wording", "ledger.colour"},
    {"ledger.models"},
    {"ledger.files"},
    {"ledger.git"},
    {"ledger.balance"},
    {"ledger.rules"},
    {"ledger.ledger", "ledger.cache", "ledger.workers", "ledger.check"},
    {"ledger.history"},
    {"ledger.writing"},
    {"ledger.intake"},
    {"ledger.setup_checks"},
    {"ledger.output"},
    {"ledger.exchange"},
    {"ledger.notices"},
    {"ledger.cli"},
    {"site_builder"},
]
"""From the bottom up: a module imports from its own layer and from those below it."""


def name_module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_module(file): ast.parse(file.read_text()) for file in FILES}


def list_imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in MODULES else node.module or ""), node
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)


def find_layer(module: str) -> int:
    for number, names in enumerate(LAYERS):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return number
    return 0 if module == "ledger" else len(LAYERS)


def test_imports_point_down() -> None:
    up = [
        f"{module} imports {name}"
        for module, tree in MODULES.items()
        for name, _node in list_imports(tree)
        if name.startswith(("ledger.", "site_builder."))
        if find_layer(name) > find_layer(module)
    ]
    assert up == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        module: {name for name, _node in list_imports(tree) if name in MODULES and name != module}
        for module, tree in MODULES.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)


def test_gitpython_is_behind_one_file_and_mkdocs_behind_one_folder() -> None:
    users = {
        library: {
            module
            for module, tree in MODULES.items()
            for name, _node in list_imports(tree)
            if name.split(".")[0] == library
        }
        for library in ("git", "mkdocs", "subprocess")
    }
    assert users["git"] == {"ledger.git"}
    assert {module.rpartition(".")[0] for module in users["mkdocs"]} == {"site_builder.mkdocs"}
    # Git is run by GitPython alone; a web server loads its files again.
    assert users["subprocess"] <= {"ledger.git", "site_builder.cli.publish"}


EXTRAS = ("reportlab", "imap_tools", "ledger.output.pdf")
"""Libraries that may be missing, and what needs them."""


def test_imports_stand_at_the_top_except_in_commands() -> None:
    inside = {
        module
        for module, tree in MODULES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for name, _node in list_imports(function)
        if ".cli." not in module and not name.startswith(EXTRAS)
    }
    assert inside == set()


def test_no_file_is_longer_than_400_lines() -> None:
    assert [file.name for file in FILES if file.read_text().count("\n") > 400] == []
