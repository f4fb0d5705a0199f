"""Proves from a file's own dates whether month or day stands first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from weltoffen_etl.exports.engine import engine
from weltoffen_etl.exports.grid import Grid

TIME_ROLES: Final = ("submitted_at", "started_at", "last_action_at", "filled_on")
"""Roles of columns that hold a date."""

_SLASHED = r"^\s*(\d{1,2})/(\d{1,2})/\d{2,4}\b"
_MONTHS = 12


def month_first(grid: Grid, heading_row: int, positions: Sequence[int]) -> bool:
    """Tells whether dates such as ``9/26/2018`` are month/day/year.

    American and British settings of the same tool write the same form. Only a second
    number above 12 proves the American one; without proof such dates stay unread.

    Args:
        grid: table of the responses.
        heading_row: last row of headings.
        positions: columns that hold dates.

    Returns:
        True if some second number is above 12 and no first number is.
    """
    shown = [cells[place] for row, cells in grid.head if row > heading_row for place in positions]
    if not any(cell and re.match(_SLASHED, cell) for cell in shown):
        return False
    dates = " UNION ALL ".join(
        f"SELECT c{place} AS date FROM read_parquet($path) WHERE source_row > $row"
        for place in positions
    )
    with engine() as connection:
        row = connection.execute(
            f"SELECT max(regexp_extract(date, $form, 1)::INTEGER), "
            f"max(regexp_extract(date, $form, 2)::INTEGER) FROM ({dates}) "
            "WHERE regexp_matches(date, $form)",
            {"path": str(grid.table), "row": heading_row, "form": _SLASHED},
        ).fetchone()
    first, second = row or (None, None)
    return first is not None and bool(first <= _MONTHS < second)
