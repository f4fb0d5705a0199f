"""What is compared: our nights, the floor, and the peers, each as a command on the same deliveries."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import duckdb

from tests.benchmarks.equal import differences, differing_counts
from tests.benchmarks.measure import Cost, Limits, run
from tests.benchmarks.peers.catalogue import DATABASE, PEERS, Command, Peer
from tests.benchmarks.peers.environments import QUIET, environment
from tests.benchmarks.statements import Statements
from weltoffen_etl.settings import PROJECT_ROOT

TABLES_ONLY = {
    "WELTOFFEN_SITE": "false",
    "WELTOFFEN_OTHER_FORMATS": "false",
    "WELTOFFEN_PARTNER_DATABASES": "false",
    "WELTOFFEN_PDF_REPORTS": "false",
    "WELTOFFEN_EXCEL_CSV": "false",
}
"""Leaves out what no peer makes and a setting can leave out."""

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Ground:
    """What all cases stand on.

    Attributes:
        deliveries: folder that `generate` wrote.
        work: folder for everything that is made; a folder for each case.
        environments: holds the environments of the peers.
    """

    deliveries: Path
    work: Path
    environments: Path

    @property
    def floor(self) -> Path:
        """Database that every other one is compared with."""
        return self.work / "floor.duckdb"

    @property
    def state(self) -> Path:
        """Data folder after a night with everything."""
        return self.work / "state"

    @property
    def nightly(self) -> dict[str, str]:
        """Variables of every night."""
        return {
            "WELTOFFEN_REFERENCE_DIR": str(self.deliveries / "reference"),
            "WELTOFFEN_SETTLE_SECONDS": "0",
            # What is set on this machine does not count.
            "WELTOFFEN_CONFIG": "",
            # One file of two million forms takes a little more than the minute that is usual.
            "WELTOFFEN_READER_SECONDS": "3600",
        }


@dataclass(frozen=True)
class Case:
    """A command that is timed.

    Attributes:
        key: name for ``--only``.
        says: what the table calls it.
        prepare: makes ready what is not timed, in the case's folder.
        command: gives what is timed.
        check: says what is wrong with the outcome, nothing where it is right.
        environment: further variables.
        base: key of the case that its ratio refers to.
        needs_state: whether it begins where a night ended.
    """

    key: str
    says: str
    prepare: Callable[[Path], None]
    command: Callable[[Path], Command]
    check: Callable[[Path], str] = lambda _: ""
    environment: Mapping[str, str] = field(default_factory=dict)
    base: str = "floor"
    needs_state: bool = False


def execute(case: Case, folder: Path, limits: Limits) -> Cost:
    """Runs the command of a case; what it prints goes to ``output.txt``."""
    own = {"BENCH_DATABASE": str(folder / DATABASE), "PYTHONPATH": str(PROJECT_ROOT)}
    own.update(case.environment)
    return run(case.command(folder), folder / "output.txt", folder, own, limits)


def all_cases(ground: Ground) -> list[Case]:
    """Returns every case in the order of the table."""
    return [*_nights(ground), _floor(ground), *_peers(ground), *_graphs(ground), *_starts(ground)]


def _nights(ground: Ground) -> Iterable[Case]:
    yield from _night_cases(ground, "", "", {})
    yield from _night_cases(ground, "-tables", ", tables only", TABLES_ONLY)
    yield Case(
        "nothing",
        "our night, nothing new",
        prepare=lambda _: None,
        command=lambda _: _night(ground.state),
        environment=ground.nightly,
        needs_state=True,
    )


def _night_cases(ground: Ground, suffix: str, says: str, more: dict[str, str]) -> Iterable[Case]:
    yield Case(
        f"night{suffix}",
        f"our night, everything new{says}",
        prepare=lambda folder: _fresh_data(ground, folder / "data"),
        command=lambda folder: _night(folder / "data"),
        check=lambda folder: _same_cube(ground, folder / "data"),
        environment=ground.nightly | more,
    )
    yield Case(
        f"one{suffix}",
        f"our night, one new delivery{says}",
        prepare=lambda folder: _one_new(ground, folder / "data"),
        command=lambda folder: _night(folder / "data"),
        check=lambda folder: _one_more(ground, folder / "data"),
        environment=ground.nightly | more,
        needs_state=True,
    )


def _floor(ground: Ground) -> Case:
    return Case(
        "floor",
        "floor: DuckDB alone, no check",
        prepare=lambda _: None,
        command=lambda folder: [
            *(_BIN / "python", "-m", "tests.benchmarks.floor"),
            *("--deliveries", ground.deliveries, "--into", folder / DATABASE),
        ],
        check=lambda folder: _same_tables(ground, folder, "main"),
    )


def _peers(ground: Ground) -> Iterable[Case]:
    for peer in PEERS:
        first = _first(ground, peer)
        yield first
        if peer.says_again:
            yield replace(
                first,
                key=f"{peer.key}-warm",
                says=peer.says_again,
                prepare=partial(_once, first),
            )


def _first(ground: Ground, peer: Peer) -> Case:
    statements = Statements(ground.deliveries)
    return Case(
        peer.key,
        peer.says,
        prepare=lambda folder: peer.write(statements, folder / "project"),
        command=lambda folder: peer.command(
            environment(peer.folder, ground.environments), folder, ground.deliveries
        ),
        check=lambda folder: _same_tables(ground, folder, peer.schema),
        environment=QUIET,
    )


def _once(case: Case, folder: Path) -> None:
    case.prepare(folder)
    execute(case, folder, Limits())


def _graphs(ground: Ground) -> Iterable[Case]:
    for which, says in (
        ("ours", "our graph as the service starts it, nothing new"),
        ("empty", "our graph, every step empty"),
        ("bare", "as many empty assets and checks in Dagster as it comes"),
    ):
        command: Command = [
            *(_BIN / "python", "-m", "tests.benchmarks.graph", which),
            *("--data-dir", ground.state),
        ]
        case = _start(ground, f"graph-{which}", says, command)
        yield replace(case, base="graph-bare", needs_state=True)


def _starts(ground: Ground) -> Iterable[Case]:
    program, question = _BIN / "weltoffen", "select 1"
    yield _start(ground, "help", "`weltoffen --help`", [program, "--help"])
    asking: Command = [program, "query", question, "--data-dir", ground.state]
    case = _start(ground, "query", f'`weltoffen query "{question}"`', asking)
    yield replace(case, needs_state=True)
    importing: Command = [_BIN / "python", "-c", "import duckdb"]
    yield _start(ground, "import", '`python -c "import duckdb"`', importing)


def _start(ground: Ground, key: str, says: str, command: Command) -> Case:
    return Case(
        key,
        says,
        prepare=lambda _: None,
        command=lambda _: command,
        environment=ground.nightly,
        base="import",
    )


def _night(data: Path) -> Command:
    return [_BIN / "weltoffen", "run", "--data-dir", data]


def _fresh_data(ground: Ground, data: Path) -> None:
    shutil.copytree(ground.deliveries / "inbox", data / "inbox")


def _one_new(ground: Ground, data: Path) -> None:
    shutil.copytree(ground.state, data, symlinks=True)
    shutil.copytree(ground.deliveries / "late", data / "inbox", dirs_exist_ok=True)


def _same_cube(ground: Ground, data: Path) -> str:
    cube = data / "warehouse" / "warehouse.duckdb"
    number = differing_counts(ground.floor, cube, "core.answer_count")
    return f"{number} rows of the cube differ from the floor" if number else ""


def _one_more(ground: Ground, data: Path) -> str:
    question = "SELECT count(DISTINCT ags) FROM core.answer_count"
    numbers: list[int] = []
    for folder in (ground.state, data):
        warehouse = folder / "warehouse" / "warehouse.duckdb"
        with duckdb.connect(warehouse, read_only=True) as connection:
            numbers.extend(connection.execute(question).fetchone() or ())
    before, after = numbers
    return "" if after == before + 1 else f"{after - before} municipalities more, not one"


def _same_tables(ground: Ground, folder: Path, schema: str) -> str:
    found = differences(ground.floor, folder / DATABASE, schema)
    listed = ", ".join(f"{table} in {number} rows" for table, number in found.items())
    return f"differs from the floor: {listed}" if found else ""
