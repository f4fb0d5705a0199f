"""Writes tables as CSV: exact values for machines, or as a German Excel opens them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from weltoffen_etl.catalog import Column, Table
from weltoffen_etl.database import Connection, literal
from weltoffen_etl.warehouse.published import quoted, row_order

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would calculate."""

_BOM: Final = b"\xef\xbb\xbf"


def write_csv(connection: Connection, described: Table, target: Path) -> None:
    """Writes one table for machines: UTF-8, comma, decimal point, ISO dates, exact values.

    An empty field is no value; a text of no letters stands as ``""``.

    Args:
        connection: an open published database.
        described: the table.
        target: the new file.
    """
    fields = ", ".join(f'{_plain(column)} AS "{column.name}"' for column in described.columns)
    _copy(connection, described, fields, ",", target)


def write_excel_csv(connection: Connection, described: Table, target: Path) -> None:
    """Writes one table as a German Excel opens it by double click.

    UTF-8 with byte order mark, semicolon, decimal comma, ``dd.mm.yyyy``, ``WAHR`` and
    ``FALSCH``. A text that a spreadsheet would take for a formula gets an apostrophe in
    front. Excel still takes digits for a number: keys lose their leading zeros there, and
    only the workbook keeps them.

    Args:
        connection: an open published database.
        described: the table.
        target: the new file.
    """
    fields = ", ".join(f'{_german(column)} AS "{column.name}"' for column in described.columns)
    body = target.with_name(f"{target.name}.body")
    _copy(connection, described, fields, ";", body)
    with target.open("wb") as file, body.open("rb") as rows:
        file.write(_BOM)
        shutil.copyfileobj(rows, file)
    body.unlink()


def _copy(
    connection: Connection, described: Table, fields: str, delimiter: str, target: Path
) -> None:
    connection.execute(
        f"COPY (SELECT {fields} FROM {quoted(described)} ORDER BY {row_order(described)}) "
        f"TO {literal(str(target))} (FORMAT csv, HEADER, DELIMITER '{delimiter}')"
    )


def _plain(column: Column) -> str:
    name = f'"{column.name}"'
    return f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%f')" if column.type == "TIMESTAMP" else name


def _german(column: Column) -> str:
    name = f'"{column.name}"'
    match column.type:
        case "DOUBLE" | "FLOAT":
            return f"replace({name}::VARCHAR, '.', ',')"
        case "DATE":
            return f"strftime({name}, '%d.%m.%Y')"
        case "TIMESTAMP":
            return f"strftime({name}, '%d.%m.%Y %H:%M:%S')"
        case "BOOLEAN":
            return f"CASE WHEN {name} THEN 'WAHR' WHEN NOT {name} THEN 'FALSCH' END"
        case "VARCHAR":
            starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
            return f"CASE WHEN left({name}, 1) IN ({starts}) THEN '''' || {name} ELSE {name} END"
        case type_ if type_.startswith("DECIMAL"):
            return f"replace({name}::VARCHAR, '.', ',')"
        case _:
            return name
