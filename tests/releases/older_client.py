"""Reads a whole release with whatever version of DuckDB runs it, and nothing else of ours.

python older_client.py FILE
"""

import json
import sys

import duckdb


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute('SELECT "table" FROM meta."table" ORDER BY ALL').fetchall()
    return [name for (name,) in rows]


def sums(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """A hash of all rows of each table, the same in every version."""
    found = {}
    for name in _tables(connection):
        columns = [x[0] for x in connection.execute(f"FROM {name} LIMIT 0").description]
        line = " || '|' || ".join(f"coalesce(CAST(\"{x}\" AS VARCHAR), '-')" for x in columns)
        row = connection.execute(
            f"SELECT md5(coalesce(string_agg(line, '' ORDER BY line), '')) FROM "
            f"(SELECT {line} AS line FROM {name})"
        ).fetchone()
        found[name] = str(row[0]) if row else ""
    return found


def main() -> None:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        rows = {}
        for name in _tables(connection):
            row = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            rows[name] = int(row[0]) if row else 0
        said = {"version": duckdb.__version__, "rows": rows, "sums": sums(connection)}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
