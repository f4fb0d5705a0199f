"""Writes one table of a release, or several as one workbook, in any form of the release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from weltoffen_etl.catalog import Table
from weltoffen_etl.database import Connection, literal
from weltoffen_etl.distribution.csv_files import write_csv, write_excel_csv
from weltoffen_etl.distribution.parquet import write_parquet
from weltoffen_etl.distribution.workbook import MOST_ROWS, TableSheets, new_workbook, sheets_of
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.published import (
    described_tables,
    open_release,
    quoted,
    row_order,
)

_UNDATED: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What a workbook of single tables names as its day: the same content gives the same bytes."""


class DistributionError(RuntimeError):
    """A file cannot be written; the German sentence says why and what to do."""


def write_tables(
    database: Path,
    tables: Sequence[str],
    target: Path,
    form: str,
    settings: Settings | None = None,
) -> None:
    """Writes tables of a published database into one file: several only as a workbook.

    Args:
        database: the file of a release or of a municipality.
        tables: schema and name of each.
        target: the new file; an older one is replaced.
        form: one of `FORMS`.
        settings: memory limit and threads; those of the environment where none are given.

    Raises:
        DistributionError: no such table or form, several tables for a form that holds one,
            or a table that is too long for a workbook.
    """
    if form not in FORMS:
        raise DistributionError(f"„{form}“ gibt es nicht. Es gibt: {', '.join(FORMS)}.")
    if not tables or (len(tables) > 1 and form != "xlsx"):
        raise DistributionError(f"Eine Datei der Form {form} enthält genau eine Tabelle.")
    with open_release(settings or Settings(), database) as connection:
        known = {described.full_name: described for described in described_tables(connection)}
        if unknown := [name for name in tables if name not in known]:
            raise DistributionError(
                f"Die Tabelle {unknown[0]} gibt es nicht. Es gibt: {', '.join(sorted(known))}."
            )
        wanted = [known[name] for name in tables]
        if form == "xlsx":
            _write_workbook(connection, wanted, target)
        else:
            _WRITERS[form](connection, wanted[0], target)


def _write_json(connection: Connection, described: Table, target: Path) -> None:
    """Writes one table as a JSON list of rows, in the order of its key."""
    names = ", ".join(f'"{column.name}"' for column in described.columns)
    connection.execute(
        f"COPY (SELECT {names} FROM {quoted(described)} ORDER BY {row_order(described)}) "
        f"TO {literal(str(target))} (FORMAT json, ARRAY true)"
    )


def _write_workbook(connection: Connection, wanted: Sequence[Table], target: Path) -> None:
    sheets = sheets_of(connection, wanted)
    for sheet in sheets:
        if not sheet.fits:
            raise DistributionError(
                f"{sheet.table.full_name} hat mehr als {MOST_ROWS} Zeilen und passt auf kein "
                "Blatt. Bitte --format csv oder parquet verwenden."
            )
    title = ", ".join(sheet.table.label_de for sheet in sheets)
    with new_workbook(target, {"title": title}, _UNDATED) as workbook:
        writer = TableSheets(workbook, connection)
        for sheet in sheets:
            writer.write(sheet)


_WRITERS = {
    "csv": write_csv,
    "excel-csv": write_excel_csv,
    "parquet": write_parquet,
    "json": _write_json,
}
FORMS: Final = (*_WRITERS, "xlsx")
"""Forms in which a table can be written."""
