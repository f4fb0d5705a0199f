"""Whether two databases hold the same tables: counts alike, figures to nine decimal places."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.benchmarks.statements import FIGURES

CUBE = ("ags", "wave", "item_code", "value", "missing_reason", "n")
_COUNTS = "n_expected n_answers n_1 n_2 n_3 n_4 n_not_chosen n_not_reached n_skipped n_dont_know"
_EXACT = f"{_COUNTS} n_invalid median lower_quartile upper_quartile"
_NEAR = (
    "answered_share answered_share_of_chosen share_not_chosen share_not_reached share_skipped "
    "share_dont_know mean sd consensus"
)
_TOLERANCE = 1e-9


def differing_counts(floor: Path, other: Path, table: str) -> int:
    """Returns how many rows of the cube stand in only one of two databases.

    Args:
        floor: database of the floor.
        other: the other one.
        table: name of its cube, with its schema.
    """
    names = ", ".join(CUBE)
    with _both(floor, other) as connection:
        (number,) = connection.execute(
            f"SELECT count(*) FROM ((SELECT {names} FROM floor.answer_count EXCEPT ALL "
            f"SELECT {names} FROM {other.stem}.{table}) UNION ALL (SELECT {names} FROM {other.stem}.{table} "
            f"EXCEPT ALL SELECT {names} FROM floor.answer_count))"
        ).fetchone() or (0,)
    return int(number)


def differences(floor: Path, other: Path, schema: str) -> dict[str, int]:
    """Returns how many rows differ, for each table that has any.

    Args:
        floor: database of the floor.
        other: database of a peer.
        schema: schema of its tables.
    """
    found = {"answer_count": differing_counts(floor, other, f"{schema}.answer_count")}
    with _both(floor, other) as connection:
        for table, parts in FIGURES.items():
            # Where there is no sub-theme, both say so in their own way.
            key = ("ags", "wave", *(part for part in parts if part != "polarity"))
            on = " AND ".join(f"mine.{x} IS NOT DISTINCT FROM theirs.{x}" for x in key)
            same = [f"mine.{x} IS NOT DISTINCT FROM theirs.{x}" for x in _EXACT.split()]
            same += [
                f"(mine.{x} IS NULL AND (theirs.{x} IS NULL OR isnan(theirs.{x})) "
                f"OR coalesce(abs(mine.{x} - theirs.{x}) < {_TOLERANCE}, false))"
                for x in _NEAR.split()
            ]
            (number,) = connection.execute(
                f"SELECT count(*) FROM floor.{table} AS mine FULL JOIN {other.stem}.{schema}.{table} "
                f"AS theirs ON {on} WHERE NOT coalesce({' AND '.join(same)}, false)"
            ).fetchone() or (0,)
            found[table] = int(number)
    return {table: number for table, number in found.items() if number}


def _both(floor: Path, other: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    # A view of SQLMesh names its database, which is called like the file.
    for path, name in ((floor, "floor"), (other, other.stem)):
        connection.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
    return connection
