"""Small databases that describe themselves as those of releases do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

Rows = Sequence[Sequence[Any]]
Content = Mapping[str, tuple[str, Sequence[str], Rows]]
"""Key, columns with type, and rows by full table name."""

PLACES = {
    "reference.municipality": (
        "ags",
        ("ags VARCHAR", "label_de VARCHAR"),
        (("03241005", "Garbsen"), ("08335043", "Konstanz")),
    )
}


def write_release(file: Path, content: Content) -> Path:
    """Writes a database with these tables, their dictionary and two municipalities."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA meta")
        connection.execute(
            'CREATE TABLE meta."table" ("table" VARCHAR, label_de VARCHAR, "key" VARCHAR)'
        )
        connection.execute(
            'CREATE TABLE meta."column" ("table" VARCHAR, position INTEGER, "column" VARCHAR)'
        )
        for name, (key, columns, rows) in {**PLACES, **content}.items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name.partition('.')[0]}")
            connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
            connection.execute(
                'INSERT INTO meta."table" VALUES (?, ?, ?)', [name, f"T {name}", key]
            )
            for position, column in enumerate(columns):
                connection.execute(
                    'INSERT INTO meta."column" VALUES (?, ?, ?)',
                    [name, position, column.split(" ")[0]],
                )
            for row in rows:
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {name} VALUES ({marks})", list(row))
    return file


def manifest(**more: Any) -> dict[str, Any]:
    """A manifest with what differences are explained from."""
    return {
        "deliveries": [],
        "code_version": "a",
        "software": "1.0.0",
        "reference_version": "r",
        "settings": {"min_respondents": 5},
        "as_of": "2026-01-01",
    } | more


def delivery(number: int, sender: str, status: str = "loaded", **more: Any) -> dict[str, Any]:
    """An entry of the manifest's deliveries."""
    return {
        "delivery_id": f"{number:064x}",
        "sequence": number,
        "sender": sender,
        "kind": "selfcheck",
        "wave": "t0",
        "workshop_on": None,
        "status": status,
    } | more
