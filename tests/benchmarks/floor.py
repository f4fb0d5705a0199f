"""The floor: the same tables by nothing but DuckDB, without any check, log or second form.

uv run python -m tests.benchmarks.floor --deliveries FOLDER --into FILE
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

from tests.benchmarks.statements import INPUTS, Statements

MEMORY = "4GB"
"""What our pipeline gives DuckDB; the floor and its peers get the same."""


def build(deliveries: Path, into: Path) -> None:
    """Writes every table into a new DuckDB file.

    Args:
        deliveries: folder that `generate` wrote.
        into: file to write.
    """
    statements = Statements(deliveries)
    with duckdb.connect(into) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET preserve_insertion_order = false")
        for table in INPUTS:
            connection.execute(f"CREATE TABLE {table} AS {statements.select(table)}")


def main() -> None:
    """Builds the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True)
    chosen = parser.parse_args()
    build(chosen.deliveries.resolve(), chosen.into)


if __name__ == "__main__":
    main()
