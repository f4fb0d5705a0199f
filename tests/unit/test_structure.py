"""The house: room order, module size, no Dagster in the library, tables described."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from weltoffen_etl.catalog import tables
from weltoffen_etl.database import statement
from weltoffen_etl.lineage import inputs
from weltoffen_etl.settings import PROJECT_ROOT, SQL_DIR

MODULES = sorted(
    path for room in ("weltoffen_etl", "pipelines") for path in (PROJECT_ROOT / room).rglob("*.py")
)
ROOMS = [
    "deliveries",
    "exports",
    "interpret",
    "quality",
    "warehouse",
    "disclosure",
    "differences",
    "asking",
    "reports",
    "distribution",
    "recipes",
    "releases",
    "notices",
    "early",
    "watching",
    "backup",
    "installation",
    "serving",
    "commands",
]


def _module(path: Path) -> str:
    name = ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def _imports(path: Path) -> set[str]:
    known = {_module(module) for module in MODULES}
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in known else node.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=_module)
def test_module_is_small_and_introduces_itself(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(source))


def test_no_circular_import() -> None:
    graph = {_module(path): _imports(path) - {_module(path)} for path in MODULES}
    known = graph.keys()
    TopologicalSorter({name: sources & known for name, sources in graph.items()}).prepare()


def test_library_does_not_import_dagster() -> None:
    for path in MODULES:
        if _module(path).startswith("weltoffen_etl"):
            assert not any(name.split(".")[0].startswith("dagster") for name in _imports(path)), (
                path
            )


def test_data_never_walks_back() -> None:
    for path in MODULES:
        here = _module(path).split(".")
        if here[0] != "weltoffen_etl" or len(here) < 2 or here[1] not in ROOMS:
            continue
        for name in _imports(path):
            there = name.split(".")
            if there[0] == "weltoffen_etl" and len(there) > 1 and there[1] in ROOMS:
                assert ROOMS.index(there[1]) <= ROOMS.index(here[1]), f"{'.'.join(here)} → {name}"


@pytest.mark.parametrize("name", sorted(tables()))
def test_head_comment_names_the_inputs_of_the_statement(name: str) -> None:
    schema, table = name.split(".")
    parsed = sqlglot.parse_one(statement(schema, table), dialect="duckdb")
    read = {f"{source.db}.{source.name}" for source in parsed.find_all(exp.Table) if source.db}
    assert set(inputs(name)) == read


@pytest.mark.parametrize(
    "path", sorted(SQL_DIR.rglob("*.sql")), ids=lambda p: f"{p.parent.name}.{p.stem}"
)
def test_sql_file_holds_one_statement_with_a_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(("-- One row is", "-- Offends:", "-- Gives "))
    assert len([s for s in sqlglot.parse(text, dialect="duckdb") if s is not None]) == 1
