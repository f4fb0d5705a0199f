"""Databases for the municipalities: each its own figures by name, of the others groups only.

A municipality's database is built by the same statements as that of the evaluators, from a copy
of the build that holds nothing of any other municipality. So there is nothing in it to forget.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from weltoffen_etl.catalog import Table, table, tables
from weltoffen_etl.database import Connection, build, connect, create, literal, prepare, together
from weltoffen_etl.lineage import build_order, inputs
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import build_file, connect_build
from weltoffen_etl.warehouse.release import fill_form, published_tables, verify, write_form
from weltoffen_etl.warehouse_key import attach

_AT_ONCE = 4
"""Databases written side by side; each takes memory of its own."""
_OPEN_CELL = "disclosure.open_cell"
_OWN = (
    ("ags", "{own} = {column}"),
    ("sender", "{own} = {column}"),
    # Their keys begin with the municipality's.
    ("workshop_id", "{own} = split_part({column}, '/', 1)"),
    ("response_id", "{own} = split_part({column}, '/', 1)"),
)
"""Columns that tell whose a row is, and how, the first that a table has."""
_PUBLIC = ("reference.municipality", "reference.participant")
"""Registers of the municipalities themselves: who takes part is no secret."""


def write_partner_databases(settings: Settings, folder: Path) -> list[Path]:
    """Writes a database for each municipality that has sent anything.

    Args:
        settings: folders and least numbers.
        folder: where to, as ``<ags>.duckdb``.

    Returns:
        The files.

    Raises:
        PublicationError: a file is not complete.
    """
    folder.mkdir(parents=True)
    with connect_build(settings) as connection:
        senders = connection.execute(
            "SELECT DISTINCT ags FROM (SELECT ags FROM core.response UNION ALL "
            "SELECT ags FROM core.workshop) ORDER BY ags"
        ).fetchall()

    allowed = partner_tables(settings)
    form = folder / "form.duckdb"
    write_form(settings, form, allowed)

    def write(ags: str) -> Path:
        target = folder / f"{ags}.duckdb"
        shutil.copyfile(form, target)
        _fill_for(settings, ags, target, allowed)
        return target

    # Small statements by the hundred: one after the other keeps one processor busy at most.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _AT_ONCE)) as pool:
        files = list(pool.map(write, [ags for (ags,) in senders]))
    form.unlink()
    return files


def _fill_for(settings: Settings, ags: str, target: Path, allowed: list[Table]) -> None:
    """Fills the empty database of one municipality, by way of a copy that is in memory only."""
    with connect(settings) as connection:
        prepare(connection, settings)
        attach(connection, settings, build_file(settings), "build")
        with together(connection):
            for name in _sources(allowed):
                _copy(connection, table(name), ags)
            for name in _derived(allowed):
                build(connection, name, commented=False)
                if "ags" in {column.name for column in table(name).columns}:
                    # Registers know all municipalities; what is missing of them says nothing.
                    connection.execute(f"DELETE FROM {name} WHERE ags <> {literal(ags)}")
        connection.execute("DETACH build")
        content = fill_form(connection, settings, target, allowed)
    verify(settings, target, content)


def partner_tables(settings: Settings) -> list[Table]:
    """Returns the tables of a municipality's database in order."""
    return [described for described in published_tables(settings) if described.partners]


def _derived(allowed: list[Table]) -> list[str]:
    """Tables to compute anew, from what a municipality may see, in the order of their inputs."""
    wanted = {x.full_name for x in allowed if x.schema_name == "comparison"}
    order = [*_from_open_cells(), *build_order("comparison")]
    needed: set[str] = set()
    for name in reversed(order):
        if name in wanted or any(name in inputs(other) for other in needed):
            needed.add(name)
    return [name for name in order if name in needed]


def _sources(allowed: list[Table]) -> list[str]:
    """Tables to copy: what the computed ones read, and what is published as it is."""
    derived = _derived(allowed)
    read = {source for name in derived for source in inputs(name)} - set(derived)
    read |= {x.full_name for x in allowed if x.schema_name != "comparison"}
    return [name for name in tables() if name in read]


def _from_open_cells() -> list[str]:
    """Tables of ``disclosure`` that are computed from the open cells, directly or through others."""
    found: list[str] = []
    for name in build_order("disclosure"):
        if name != "disclosure.partner_cell" and {_OPEN_CELL, *found} & {*inputs(name)}:
            found.append(name)
    return found


def _copy(connection: Connection, described: Table, ags: str) -> None:
    """Copies of a table what is the municipality's own or nobody's."""
    create(connection, described, commented=False)
    name = described.full_name
    own = literal(ags)
    if name == _OPEN_CELL:
        connection.execute(
            f"INSERT INTO {name} BY NAME FROM build.{name} "
            f"WHERE unit_kind = 'municipality' AND unit = {own} "
            "UNION ALL BY NAME FROM build.disclosure.partner_cell"
        )
        return
    columns = {column.name for column in described.columns}
    condition = next(
        (form.format(own=own, column=f'"{column}"') for column, form in _OWN if column in columns),
        "true" if described.schema_name == "reference" else "false",
    )
    if name in _PUBLIC:
        condition = "true"
    connection.execute(f"INSERT INTO {name} BY NAME FROM build.{name} WHERE {condition}")
