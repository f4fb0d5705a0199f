"""What outsiders have seen so far: states of cells, the sums between them, what is secret.

Every release adds to it. A state is a cell with certain counts; it keeps its number for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from weltoffen_etl.database import Connection, literal

COMPONENT = ["wave", "action_field"]
"""Cells of different waves or action fields share no sum."""
CELL = ["unit_kind", "unit", "part_kind", "part"]
"""What tells the cells of a component apart."""
ANSWERS = ["n_1", "n_2", "n_3", "n_4"]
REASONS = [
    "n_not_delivered",
    "n_not_reached",
    "n_skipped",
    "n_dont_know",
    "n_not_applicable",
    "n_invalid",
    "n_unknown_reason",
]
"""Why an answer is missing in forms that chose the field; the others are known anyway."""
_FILES = ("state", "sum", "secret")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was seen until a release.

    Attributes:
        state: one row a state: component, cell, ``state`` (number within the component),
            counts, ``n_respondents``, ``is_known`` (shown in a release), ``is_latest``.
        sum: one row a member of a sum: component, ``sum`` (number within the component),
            ``state``, ``is_total``.
        secret: one row a secret: component, ``state``, ``minus`` (-1: none).
    """

    state: pd.DataFrame
    sum: pd.DataFrame
    secret: pd.DataFrame

    @classmethod
    def empty(cls) -> Ledger:
        """Before the first release."""
        return cls(
            pd.DataFrame(
                columns=[
                    *COMPONENT,
                    *CELL,
                    "state",
                    *ANSWERS,
                    *REASONS,
                    "n_respondents",
                    "is_known",
                    "is_latest",
                ]
            ),
            pd.DataFrame(columns=[*COMPONENT, "sum", "state", "is_total"]),
            pd.DataFrame(columns=[*COMPONENT, "state", "minus"]),
        )

    @classmethod
    def load(cls, connection: Connection, folder: Path | None) -> Ledger:
        """Reads the ledger that a release left, or begins one."""
        if folder is None or not (folder / "state.parquet").is_file():
            return cls.empty()
        return cls(
            *(
                connection.execute(
                    f"FROM read_parquet({literal(str(folder / f'{name}.parquet'))})"
                ).df()
                for name in _FILES
            )
        )

    def save(self, connection: Connection, folder: Path) -> None:
        """Writes the ledger into a folder."""
        for name in _FILES:
            connection.register("ledger_frame", getattr(self, name))
            connection.execute(
                f"COPY (FROM ledger_frame ORDER BY ALL) TO {literal(str(folder / f'{name}.parquet'))} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            connection.unregister("ledger_frame")
