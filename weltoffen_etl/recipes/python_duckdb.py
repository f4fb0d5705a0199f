"""Beantwortet die Frage der Rezepte mit DuckDB: pip install "duckdb>=1.4"."""

from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
DATABASE = HERE.parent / "weltoffen.duckdb"

with duckdb.connect(str(DATABASE), read_only=True) as connection:
    result = connection.execute((HERE / "answer.sql").read_text(encoding="utf-8"))
    print("\t".join(column[0] for column in result.description))
    for row in result.fetchall():
        print("\t".join("" if value is None else str(value) for value in row))
