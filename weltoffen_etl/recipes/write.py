"""Puts the recipes into a release, with the answer they must give there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from weltoffen_etl.warehouse.current import DATABASE

RECIPES: Final = "recipes"
EXPECTED: Final = "expected.tsv"
_HERE: Final = Path(__file__).parent
_SQL: Final = "answer.sql"
_FILES: Final = (
    "README.md",
    _SQL,
    "dbeaver.md",
    "excel_power_query.pq",
    "python_duckdb.py",
    "python_pandas.py",
    "python_polars.py",
    "r_base.R",
    "r_duckdb.R",
)


def write_recipes(folder: Path) -> None:
    """Writes ``recipes/`` and the answer of this release.

    Args:
        folder: the release's folder, with its database in it.
    """
    target = folder / RECIPES
    target.mkdir()
    sql = (_HERE / _SQL).read_text(encoding="utf-8")
    for name in _FILES:
        text = (_HERE / name).read_text(encoding="utf-8").replace("@answer", sql.rstrip())
        (target / name).write_text(text, encoding="utf-8")
    (target / EXPECTED).write_text(_answer(folder / DATABASE, sql), encoding="utf-8")


def _answer(database: Path, sql: str) -> str:
    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(sql)
        lines = [[column[0] for column in result.description or []], *result.fetchall()]
    rows = ("\t".join("" if value is None else str(value) for value in line) for line in lines)
    return "".join(f"{row}\n" for row in rows)
