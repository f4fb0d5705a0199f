"""The engine that is always there: DuckDB, in the process and in the build itself."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from weltoffen_etl.database import Connection, build


class DuckDBEngine:
    """Builds in the connection, like every other table."""

    def build(self, connection: Connection, full_name: str) -> int:
        """Builds a table; see `Engine.build`."""
        return build(connection, full_name)

    def __enter__(self) -> Self:
        """Begins a step."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the step; the connection belongs to the caller."""
