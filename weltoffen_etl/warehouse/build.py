"""Builds the internal warehouse beside the current one, from the stage and nothing else."""

from __future__ import annotations

from pathlib import Path

from weltoffen_etl import catalog
from weltoffen_etl.catalog import table
from weltoffen_etl.database import (
    Connection,
    build,
    build_view,
    connect,
    create,
    prepare,
    set_variables,
    together,
)
from weltoffen_etl.deliveries.archive import Archive, Arrival
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.lineage import build_order
from weltoffen_etl.reference import load_reference
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import STAGED
from weltoffen_etl.staging import store_of

SCHEMAS = tuple(schema for schema in catalog.SCHEMAS if schema not in ("reference", "meta"))
"""Schemas built after ``reference``, in this order; ``meta`` is made with a release."""


def build_file(settings: Settings) -> Path:
    """Returns the database file that a run builds in; it is not the current warehouse."""
    return settings.warehouse / "build.duckdb"


def start(settings: Settings) -> dict[str, int]:
    """Begins a new build: an empty file with the schema ``reference``.

    Returns:
        Number of rows by table.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    discard(settings)
    with connect(settings, build_file(settings)) as connection:
        instruments = load_instruments(settings.reference_dir)
        with together(connection):
            return load_reference(connection, settings, instruments, settings.official_list)


def build_raw(settings: Settings, arrivals: list[Arrival]) -> dict[str, int]:
    """Builds the schema ``raw`` from the ledger and the stage of every delivery.

    Args:
        settings: folders.
        arrivals: the ledger; the stage holds each of its deliveries, and no others.

    Returns:
        Number of rows by table.
    """
    store = store_of(settings)
    deliveries = list(dict.fromkeys(arrival.sha256 for arrival in arrivals))
    with connect(settings, build_file(settings)) as connection, together(connection):
        connection.execute("DROP SCHEMA IF EXISTS raw CASCADE")
        set_variables(connection, ledger=str(Archive(settings.archive).ledger))
        rows = {}
        for name in build_order("raw"):
            short = name.removeprefix("raw.")
            if short in STAGED:
                files = store.files(short, deliveries)
                if not files:
                    create(connection, table(name))
                    rows[name] = 0
                    continue
                if name == "raw.answer":
                    # The only one that grows with forms times items: it is not copied.
                    rows[name] = build_view(connection, name, stage_answer=files)
                    continue
                set_variables(connection, **{f"stage_{short}": files})
            rows[name] = build(connection, name)
        return rows


def connect_build(settings: Settings, file: Path | None = None) -> Connection:
    """Opens a build with the variables and macros that its statements read.

    Args:
        settings: least numbers and the day.
        file: the database file; None for this run's build.
    """
    connection = connect(settings, file or build_file(settings))
    prepare(connection, settings)
    return connection


def discard(settings: Settings) -> None:
    """Removes an unfinished build."""
    file = build_file(settings)
    for leftover in (file, file.with_name(file.name + ".wal")):
        leftover.unlink(missing_ok=True)
