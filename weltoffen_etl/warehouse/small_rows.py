"""Withholds figures behind which too few people stand."""

from __future__ import annotations

from weltoffen_etl.catalog import Table
from weltoffen_etl.database import Connection


def withhold(connection: Connection, described: Table, minimum: int) -> int:
    """Empties the protected columns of rows with too few respondents.

    Fewer than ``minimum`` respondents, but not none, behind a row; or a row that is marked
    already, because too few forms have changed since it was last shown.
    Value and reason stay apart: ``is_suppressed`` says why the columns are empty.

    Args:
        connection: database with the published table.
        described: the table's description.
        minimum: least number of respondents, usually 5.

    Returns:
        Number of rows withheld.
    """
    protected = [column.name for column in described.published_columns if column.protected]
    if not protected or described.respondents is None:
        return 0
    emptied = ", ".join(f'"{name}" = NULL' for name in protected)
    few = f'(is_suppressed OR "{described.respondents}" BETWEEN 1 AND {minimum - 1})'
    row = connection.execute(
        f"UPDATE {described.full_name} SET {emptied}, is_suppressed = true WHERE {few}"
    ).fetchone()
    return int(row[0]) if row else 0
