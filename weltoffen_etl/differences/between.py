"""Compares the databases of two releases: tables, columns, rows and single values.

Each release describes itself (``meta."table"``, ``meta."column"``), so releases of other
versions of the software can be compared too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from weltoffen_etl.database import Connection, connect, literal
from weltoffen_etl.settings import Settings

_OWNERS = ("ags", "sender")
"""Columns that tell whose a row is, the first that a table has."""


@dataclass(frozen=True, slots=True)
class TableChange:
    """What became of one table.

    Attributes:
        table: full name.
        label_de: German title.
        rows_before: rows in the earlier release, None where it had no such table.
        rows_after: rows in the later release, None where it has no such table.
        columns_added: columns that only the later release has.
        columns_removed: columns that only the earlier release has.
        added: rows whose key only the later release has.
        removed: rows whose key only the earlier release has.
        changed: rows in both with another value in a column of both.
        values: number of these other values.
    """

    table: str
    label_de: str
    rows_before: int | None
    rows_after: int | None
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    added: int = 0
    removed: int = 0
    changed: int = 0
    values: int = 0

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        shape = self.columns_added or self.columns_removed
        return not (shape or self.added or self.removed or self.changed or self.status != "both")

    @property
    def status(self) -> Literal["both", "new", "gone"]:
        """Which of the releases have the table."""
        if self.rows_before is None:
            return "new"
        return "gone" if self.rows_after is None else "both"


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """What changed in one table about one municipality.

    Attributes:
        ags: its key, a folder such as ``_multi``, or None for rows about several.
        table: full name.
        added: new rows.
        removed: rows no longer there.
        changed: changed rows.
        values: changed values in them.
        hidden: values now withheld that were not before.
        opened: values no longer withheld.
    """

    ags: str | None
    table: str
    added: int
    removed: int
    changed: int
    values: int
    hidden: int
    opened: int


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One changed value, or a row that came or went.

    Attributes:
        table: full name.
        ags: whose row it is, None for rows about several.
        row: the row's key in words: ``wave=t0, item_code=MS01``.
        kind: ``added``, ``removed`` or ``changed``.
        column: the changed column; None for whole rows.
        before: its value as text, None for an empty one.
        after: the same in the later release.
    """

    table: str
    ags: str | None
    row: str
    kind: Literal["added", "removed", "changed"]
    column: str | None
    before: str | None
    after: str | None


@contextmanager
def compared(settings: Settings, earlier: Path, later: Path) -> Iterator[Connection]:
    """Compares two databases and gives a connection that the functions below read.

    Args:
        settings: memory limit and threads.
        earlier: database of a release.
        later: database of another one.
    """
    with connect(settings) as connection:
        connection.execute(f"ATTACH {literal(str(earlier))} AS earlier (READ_ONLY)")
        connection.execute(f"ATTACH {literal(str(later))} AS later (READ_ONLY)")
        connection.execute(
            'CREATE TEMP TABLE difference ("table" VARCHAR, ags VARCHAR, row_key VARCHAR, kind VARCHAR, '
            'cells STRUCT("column" VARCHAR, "before" VARCHAR, "after" VARCHAR)[])'
        )
        for name in _tables(connection, "later"):
            if name in _tables(connection, "earlier"):
                _compare(connection, name)
        yield connection


def table_changes(connection: Connection) -> list[TableChange]:
    """Returns one entry for each table of either release, in the order of the later one."""
    labels = dict(
        connection.execute(
            'SELECT "table", label_de FROM earlier.meta."table" UNION ALL '
            'SELECT "table", label_de FROM later.meta."table"'
        ).fetchall()
    )
    numbers = {
        name: counts
        for name, *counts in connection.execute(
            "SELECT \"table\", count(*) FILTER (kind = 'added'), count(*) FILTER (kind = 'removed'), "
            "count(*) FILTER (kind = 'changed'), coalesce(sum(len(cells)), 0)::BIGINT "
            "FROM difference GROUP BY ALL"
        ).fetchall()
    }
    before, after = _tables(connection, "earlier"), _tables(connection, "later")
    found = []
    for name in dict.fromkeys([*after, *before]):
        old = _columns(connection, "earlier", name) if name in before else []
        new = _columns(connection, "later", name) if name in after else []
        both = name in before and name in after
        found.append(
            TableChange(
                name,
                labels[name],
                _rows(connection, "earlier", name) if name in before else None,
                _rows(connection, "later", name) if name in after else None,
                tuple(x for x in new if x not in old) if both else (),
                tuple(x for x in old if x not in new) if both else (),
                *numbers.get(name, (0, 0, 0, 0)),
            )
        )
    return found


def place_changes(connection: Connection) -> list[PlaceChange]:
    """Returns what changed by municipality and table, municipalities by key, groups last."""
    rows = connection.execute(
        "SELECT ags, \"table\", count(*) FILTER (kind = 'added'), count(*) FILTER (kind = 'removed'), "
        "count(*) FILTER (kind = 'changed'), coalesce(sum(len(cells)), 0)::BIGINT, "
        "count(*) FILTER (len(list_filter(cells, lambda x: x.\"column\" = 'withheld_because' "
        "AND x.after IS NOT NULL AND x.before IS NULL)) > 0), "
        "count(*) FILTER (len(list_filter(cells, lambda x: x.\"column\" = 'withheld_because' "
        "AND x.after IS NULL AND x.before IS NOT NULL)) > 0) "
        'FROM difference GROUP BY ags, "table" ORDER BY ags NULLS LAST, "table"'
    ).fetchall()
    return [PlaceChange(*row) for row in rows]


def value_changes(
    connection: Connection, *, ags: str | None = None, table: str | None = None
) -> list[ValueChange]:
    """Returns every changed value and every row that came or went.

    Args:
        connection: the comparison.
        ags: only rows of this municipality.
        table: only this table, by its full name.
    """
    rows = connection.execute(
        'WITH cell AS (SELECT "table", ags, row_key, kind, unnest(cells) AS cell FROM difference '
        "WHERE kind = 'changed') "
        'SELECT "table", ags, row_key, kind, cell."column" AS "column", cell."before" AS "before", '
        'cell."after" AS "after" FROM cell UNION ALL '
        "SELECT \"table\", ags, row_key, kind, NULL, NULL, NULL FROM difference WHERE kind <> 'changed' "
        "ORDER BY ALL"
    ).fetchall()
    changes = [ValueChange(*row) for row in rows]
    return [
        x for x in changes if (ags is None or x.ags == ags) and (table is None or x.table == table)
    ]


def _tables(connection: Connection, release: str) -> list[str]:
    rows = connection.execute(f'SELECT "table" FROM {release}.meta."table"').fetchall()
    return [name for (name,) in rows]


def _columns(connection: Connection, release: str, name: str) -> list[str]:
    rows = connection.execute(
        f'SELECT "column" FROM {release}.meta."column" WHERE "table" = $name ORDER BY position',
        {"name": name},
    ).fetchall()
    return [column for (column,) in rows]


def _rows(connection: Connection, release: str, name: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {release}.{_quoted(name)}").fetchone()
    return int(row[0]) if row else 0


def _compare(connection: Connection, name: str) -> None:
    """Adds the differences of one table that both releases have."""
    new = _columns(connection, "later", name)
    shared = [x for x in new if x in _columns(connection, "earlier", name)]
    key = _key(connection, name, shared) or shared
    owner = next((x for x in _OWNERS if x in shared), None)
    said = ", ".join(
        f"'{column}=' || coalesce(coalesce(b.{_quoted(column)}, a.{_quoted(column)})::VARCHAR, '–')"
        for column in key
    )
    same_key = " AND ".join(
        f"a.{_quoted(x)}::VARCHAR IS NOT DISTINCT FROM b.{_quoted(x)}::VARCHAR" for x in key
    )
    cells = ", ".join(
        f"CASE WHEN a.{_quoted(x)}::VARCHAR IS DISTINCT FROM b.{_quoted(x)}::VARCHAR THEN "
        f"{{'column': {literal(x)}, 'before': a.{_quoted(x)}::VARCHAR, 'after': b.{_quoted(x)}::VARCHAR}} END"
        for x in shared
        if x not in key
    )
    numbered = ", ".join(_quoted(x) for x in key)
    # Rows alike in all that tells them apart are paired by number, so that none is counted twice.
    sides = (
        f"(SELECT *, true AS is_there, row_number() OVER (PARTITION BY {numbered}) AS alike "
        f"FROM {{}}.{_quoted(name)})"
    )
    connection.execute(
        f"INSERT INTO difference "
        f"WITH pair AS (SELECT {f'coalesce(b.{owner}, a.{owner})' if owner else 'NULL'} AS ags, "
        f"concat_ws(', ', {said}) AS row_key, "
        "CASE WHEN a.is_there IS NULL THEN 'added' WHEN b.is_there IS NULL THEN 'removed' "
        "ELSE 'changed' END AS kind, "
        f"list_filter([{cells or 'NULL'}], lambda x: x IS NOT NULL) AS cells "
        f"FROM {sides.format('earlier')} AS a FULL JOIN {sides.format('later')} AS b "
        f"ON {same_key} AND a.alike = b.alike) "
        f"SELECT {literal(name)}, ags, row_key, kind, CASE WHEN kind = 'changed' THEN cells END "
        "FROM pair WHERE kind <> 'changed' OR len(cells) > 0"
    )


def _key(connection: Connection, name: str, shared: Sequence[str]) -> list[str]:
    """The key that the later release names, where both releases have all of it."""
    row: Any = connection.execute(
        'SELECT "key" FROM later.meta."table" WHERE "table" = $name', {"name": name}
    ).fetchone()
    key = [x for x in row[0].split(", ") if x]
    return key if set(key) <= set(shared) else []


def _quoted(name: str) -> str:
    return ".".join(f'"{part}"' for part in name.split("."))
