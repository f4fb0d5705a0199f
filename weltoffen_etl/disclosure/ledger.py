"""What outsiders have seen so far: states of cells, the sums between them, small changes.

Every release adds to it. A state is a cell with certain counts; it keeps its number for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection
from weltoffen_etl.disclosure.frames import load_frame, save_frame

COMPONENT = ["wave", "action_field"]
"""Cells of different waves or action fields share no sum."""
Component = tuple[str, str]
CELL = ["unit_kind", "unit", "part_kind", "part"]
"""What tells the cells of a component apart."""
COUNTS = [
    column.name
    for column in table("disclosure.open_cell").columns
    if column.name.startswith("n_") and column.name != "n_municipalities"
]
"""Counts of a cell that are withheld with it."""
ANSWERS = ["n_1", "n_2", "n_3", "n_4"]
REASONS = COUNTS[COUNTS.index("n_not_chosen") + 1 :]
"""Why an answer is missing in forms that chose the field; how many did not is known anyway."""
_STATE = [*COMPONENT, *CELL, "state", *ANSWERS, *REASONS, "n_respondents", "is_known", "is_latest"]
_SUM = [*COMPONENT, "sum", "state", "is_total"]
_CHANGE = [*COMPONENT, "state", "minus"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was seen until a release.

    Attributes:
        state: one row a state: component, cell, ``state`` (number within the component),
            counts, ``n_respondents``, ``is_known`` (shown in a release), ``is_latest``.
        sum: one row a member of a sum: component, ``sum`` (number within the component),
            ``state``, ``is_total``.
        change: one row a change of too few answers: component, ``state`` and ``minus``, the
            state before.
    """

    state: pd.DataFrame
    sum: pd.DataFrame
    change: pd.DataFrame

    @classmethod
    def load(cls, connection: Connection, folder: Path | None) -> Ledger:
        """Reads the ledger that a release left, or begins one."""
        return cls(
            load_frame(connection, folder, "state", _STATE),
            load_frame(connection, folder, "sum", _SUM),
            load_frame(connection, folder, "change", _CHANGE),
        )

    def save(self, connection: Connection, folder: Path) -> None:
        """Writes the ledger into a folder."""
        save_frame(connection, folder, "state", self.state)
        save_frame(connection, folder, "sum", self.sum)
        save_frame(connection, folder, "change", self.change)


def components(connection: Connection, name: str, seen: pd.DataFrame) -> Iterator[Component]:
    """Yields the components that a table has rows of, or that were seen before, in order.

    Args:
        connection: database with the table.
        name: schema and table.
        seen: a frame of a ledger.
    """
    now = connection.execute(f"SELECT DISTINCT wave, action_field FROM {name}").df()
    both = pd.concat([now[COMPONENT], seen[COMPONENT]]).drop_duplicates().sort_values(COMPONENT)
    yield from both.itertuples(index=False, name=None)


def of_component(frame: pd.DataFrame, component: Component) -> pd.DataFrame:
    """Returns the rows of a component."""
    wave, action_field = component
    return frame[(frame["wave"] == wave) & (frame["action_field"] == action_field)]
