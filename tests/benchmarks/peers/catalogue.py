"""Which peers there are and how each is started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.peers.environments import HERE
from tests.benchmarks.peers.projects import write_dbt, write_dlt, write_sqlmesh
from tests.benchmarks.statements import Statements

Command = list[str | Path]

DATABASE = "tables.duckdb"
"""What each peer writes into its folder, beside its ``project``."""


@dataclass(frozen=True)
class Peer:
    """Another tool that makes the same tables.

    Attributes:
        key: its name among the cases.
        says: what is done.
        folder: of its own files, and name of its environment.
        packages: those whose versions are told.
        schema: of its tables.
        write: writes its project.
        command: gives what is run, from the programs of its environment, its folder and the
            folder of the deliveries.
        says_again: what is done where the same is run a second time; nothing where it is not.
    """

    key: str
    says: str
    folder: str
    packages: tuple[str, ...]
    schema: str
    write: Callable[[Statements, Path], None]
    command: Callable[[Path, Path, Path], Command]
    says_again: str = ""


def _dbt(programs: Path, folder: Path, _: Path) -> Command:
    project = folder / "project"
    return [programs / "dbt", "build", "--project-dir", project, "--profiles-dir", project]


def _sqlmesh(programs: Path, folder: Path, _: Path) -> Command:
    plan = ("plan", "--auto-apply", "--no-prompts")
    return [programs / "sqlmesh", "--paths", folder / "project", *plan]


def _dlt(programs: Path, folder: Path, _: Path) -> Command:
    project = folder / "project"
    return [programs / "python", project / "pipeline.py", project, folder / DATABASE]


def _pandas(programs: Path, folder: Path, deliveries: Path) -> Command:
    script = HERE / "pandas_gx" / "pipeline.py"
    return [programs / "python", script, deliveries, folder / DATABASE]


PEERS = (
    Peer(
        "dbt",
        "dbt with tests, first build",
        "dbt_duckdb",
        ("dbt-core", "dbt-duckdb", "duckdb"),
        "main",
        write_dbt,
        _dbt,
        says_again="dbt with tests, the same build again",
    ),
    Peer(
        "sqlmesh",
        "SQLMesh with audits, first plan",
        "sqlmesh",
        ("sqlmesh", "duckdb"),
        "bench",
        write_sqlmesh,
        _sqlmesh,
    ),
    Peer(
        "dlt",
        "dlt with frozen columns, then SQL",
        "dlt",
        ("dlt", "duckdb"),
        "bench",
        write_dlt,
        _dlt,
    ),
    Peer(
        "pandas-gx",
        "pandas and Great Expectations",
        "pandas_gx",
        ("pandas", "great-expectations", "duckdb"),
        "main",
        lambda *_: None,
        _pandas,
    ),
)
