"""Sends hostile files through the library's real path and keeps what came of them."""

import logging
import os
import resource
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from tests.hostile.material import Case
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries, store_of

LOADED = ("response", "participation", "contribution", "measure")
SECONDS = 30.0
ADDRESS_SPACE = 1536 * 1024**2
"""Limit of the reading process; the libraries alone reserve more than 0.5 GB of addresses."""
RESIDENT = 1024**3
"""So much memory may a child of the tests really use."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case: rules with severity, sentences, balance and seconds."""

    rules: dict[str, str]
    sentences: tuple[str, ...]
    expected: int
    loaded: int
    quarantined: int
    ignored: int
    in_tables: int
    quarantine_rows: int
    seconds: float


@dataclass(slots=True)
class Batch:
    """All cases of one run; outcomes by case, entries that were left alone by path."""

    settings: Settings
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    left_alone: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    records: list[logging.LogRecord] = field(default_factory=list)
    growth: int = 0
    children: int = 0
    strays: tuple[str, ...] = ()


class _Keeper(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self.records = records

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def run(cases: Sequence[Case], folder: Path, patch: pytest.MonkeyPatch) -> Batch:
    """Delivers all cases, takes them in and stages them in one go."""
    outside = folder / "outside"
    outside.mkdir()
    patch.chdir(outside)
    patch.setattr("tempfile.tempdir", str(outside))
    settings = Settings(
        data_dir=folder / "data",
        settle_seconds=0,
        reader_seconds=SECONDS,
        reader_memory_bytes=ADDRESS_SPACE,
        duckdb_memory="1GB",
    )
    batch = Batch(settings)
    keeper = _Keeper(batch.records)
    # Imported before anything is measured: it is large, and no file is to blame.
    import great_expectations  # noqa: F401

    for number, case in enumerate(cases):
        batch.paths[case.name] = put(settings, case, number)
    logging.getLogger().addHandler(keeper)
    try:
        _stage(batch)
    finally:
        logging.getLogger().removeHandler(keeper)
    batch.strays = tuple(
        sorted(str(x.relative_to(folder)) for x in folder.rglob("*") if _is_stray(x, folder))
    )
    return batch


def put(settings: Settings, case: Case, number: int) -> str:
    """Puts one case into the inbox; returns its path as the ledger writes it."""
    scratch = settings.data_dir.parent / "scratch" / str(number)
    scratch.mkdir(parents=True)
    content = case.build(scratch)
    name = os.fsencode(case.file_name or f"{case.name}.csv".replace("/", " "))
    if isinstance(content, Path):
        source = content
    else:
        source = scratch / "file"
        source.write_bytes(content)
    # Names may repeat over cases, so each has a folder of its own where the place allows it.
    for place in (*case.also, case.place):
        target = os.fsencode(settings.inbox / place)
        os.makedirs(target, exist_ok=True)  # noqa: PTH103  (names that are no text)
        if place in case.also:
            shutil.copyfile(source, target + b"/" + name)
        else:
            os.rename(source, target + b"/" + name)  # noqa: PTH104
            if not case.left_alone:
                # The order of arrival is that of the corpus.
                os.utime(target + b"/" + name, (1_700_000_000 + number,) * 2)
    return f"{case.place}/{name.decode('utf-8', 'backslashreplace')}"


def _stage(batch: Batch) -> None:
    intake = take_in(batch.settings)
    batch.left_alone = {entry.path: entry.reason for entry in intake.left_alone}
    started: dict[str, float] = {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stage_deliveries(
        batch.settings, intake.arrivals, lambda path: started.setdefault(path, time.monotonic())
    )
    batch.growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    batch.children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    moments = [*started.values(), time.monotonic()]
    seconds = {path: moments[at + 1] - moments[at] for at, path in enumerate(started)}
    # The last one is followed by the judgement of all.
    seconds[list(started)[-1]] = 0.0
    ids = {arrival.path: arrival.sha256 for arrival in intake.arrivals}
    with duckdb.connect() as connection:
        _open(connection, batch.settings, sorted(set(ids.values())))
        for name, path in batch.paths.items():
            if path in ids:
                batch.outcomes[name] = _outcome(connection, ids[path], seconds.get(path, 0.0))


def _open(connection: duckdb.DuckDBPyConnection, settings: Settings, deliveries: list[str]) -> None:
    """Gathers the staged rows of all deliveries; what no delivery gave is an empty table."""
    store = store_of(settings)
    for name in ("finding", "reading", "quarantine", "workshop", *LOADED):
        files = store.files(name, deliveries)
        source = (
            "read_parquet($files, union_by_name=true)"
            if files
            else "(SELECT NULL AS delivery_id, NULL AS source_row)"
        )
        parameters = {"files": files} if files else {}
        connection.execute(f"CREATE TABLE {name} AS FROM {source}", parameters)


def _outcome(connection: duckdb.DuckDBPyConnection, delivery_id: str, seconds: float) -> Outcome:
    def rows(table: str, columns: str) -> list[tuple[object, ...]]:
        return connection.execute(
            f"SELECT {columns} FROM {table} WHERE delivery_id = $id", {"id": delivery_id}
        ).fetchall()

    findings = rows("finding", "rule, severity, message")
    ((expected, loaded, quarantined, ignored),) = rows(
        "reading", "rows_expected, rows_loaded, rows_quarantined, rows_ignored"
    )
    workshops = [row for row in rows("workshop", "source_row") if row[0] != 0]
    return Outcome(
        rules={str(rule): str(severity) for rule, severity, _ in findings},
        sentences=tuple(str(sentence) for _, _, sentence in findings),
        expected=int(str(expected)),
        loaded=int(str(loaded)),
        quarantined=int(str(quarantined)),
        ignored=int(str(ignored)),
        in_tables=sum(len(rows(name, "delivery_id")) for name in LOADED) + len(workshops),
        quarantine_rows=len(rows("quarantine", "delivery_id")),
        seconds=seconds,
    )


def _is_stray(path: Path, folder: Path) -> bool:
    """Whether something lies where no run may write."""
    parts = path.relative_to(folder).parts
    if parts[0] == "data":
        return len(parts) == 2 and parts[1] not in ("inbox", "archive", "stage")
    return parts[0] != "scratch" and parts != ("outside",)
