"""What an engine is: something that builds the tables that grow with the answers."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from weltoffen_etl.database import Connection

GROWING = ("core.answer", "core.answer_count", "core.response_field")
"""Tables whose statements read every answer; all others are built by DuckDB, whatever the engine."""


class EngineError(RuntimeError):
    """An engine cannot be reached or has broken a statement off; a later try may succeed."""


class EngineMissingError(RuntimeError):
    """The package that speaks to an engine is not installed."""


class Engine(Protocol):
    """One face for all engines; a context manager, which lets go of what it opened."""

    def build(self, connection: Connection, full_name: str) -> int:
        """Creates one of `GROWING` from its description and fills it with its statement.

        Args:
            connection: the build, with all tables the statement reads.
            full_name: schema and table.

        Returns:
            Number of rows in the build.
        """

    def __enter__(self) -> Self:
        """Begins a step; nothing is opened before it is needed."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the step."""
