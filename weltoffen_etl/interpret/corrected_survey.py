"""The cells of a survey export as corrections see them: the table ``corrected_grid`` and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from weltoffen_etl.corrections import Correction
from weltoffen_etl.database import Connection, insert
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.findings import Finding
from weltoffen_etl.instrument.model import text_key
from weltoffen_etl.interpret.correction import CellColumn, Spot, apply

_NOT_LOADED = frozenset({"never_loaded", "unknown"})


def correct_survey(
    connection: Connection,
    export: SurveyExport,
    corrections: Sequence[Correction],
    delivery_id: str,
) -> tuple[SurveyExport, list[Finding]]:
    """Corrects the table ``corrected_grid`` of an export and records the uses.

    Args:
        connection: database with ``corrected_grid`` and the schema ``raw``.
        export: what was read; its file stays untouched.
        corrections: those of the delivery.
        delivery_id: SHA-256 of the file.

    Returns:
        The export without the dropped rows, and the findings.
    """
    if not corrections:
        return export, []
    cells = _GridCells(connection, export)
    uses = apply(cells, corrections, delivery_id)
    uses.record(connection)
    dropped = frozenset(cells.dropped)
    return replace(export, rows=export.rows - len(dropped), dropped=dropped), uses.findings


@dataclass(slots=True)
class _GridCells:
    connection: Connection
    export: SurveyExport
    dropped: set[int] = field(default_factory=set)

    def spots(self, correction: Correction) -> list[Spot]:
        """Rows of a response number or of a row number."""
        if correction.sheet is not None and text_key(correction.sheet) != text_key(
            self.export.sheet or ""
        ):
            return []
        row: object = correction.row
        condition = "source_row = $value"
        if correction.response is not None:
            row, condition = correction.response.strip(), self._response_is()
        rows = self.connection.execute(
            f"SELECT source_row FROM corrected_grid WHERE {condition} ORDER BY source_row",
            {"value": row},
        ).fetchall()
        return [Spot(None, source_row) for (source_row,) in rows]

    def columns(self, correction: Correction, name: str, spot: Spot | None) -> list[CellColumn]:
        """The column of a code; columns that are never loaded are not corrected either."""
        del spot
        if correction.sheet is not None and text_key(correction.sheet) != text_key(
            self.export.sheet or ""
        ):
            return []
        return [
            CellColumn(f"c{x.position}", x.source_code, x.heading, x.position)
            for x in self.export.columns
            if x.source_code is not None and x.source_code == name and x.role not in _NOT_LOADED
        ]

    def text(self, spot: Spot, column: CellColumn) -> str:
        """Text of a cell."""
        row = self.connection.execute(
            f"SELECT {column.name} FROM corrected_grid WHERE source_row = $row", {"row": spot.row}
        ).fetchone()
        return str(row[0] or "") if row else ""

    def put(self, spot: Spot, column: CellColumn, text: str) -> None:
        """Replaces a cell."""
        self.connection.execute(
            f"UPDATE corrected_grid SET {column.name} = $text WHERE source_row = $row",
            {"text": text, "row": spot.row},
        )

    def drop(self, spot: Spot) -> None:
        """Deletes a row of the grid; the file keeps it."""
        self.connection.execute(
            "DELETE FROM corrected_grid WHERE source_row = $row", {"row": spot.row}
        )
        if spot.row is not None:
            self.dropped.add(spot.row)

    def texts(self, column: CellColumn) -> list[str]:
        """Distinct texts, without empty cells."""
        rows = self.connection.execute(
            f"SELECT DISTINCT {column.name} FROM corrected_grid WHERE {column.name} IS NOT NULL ORDER BY ALL"
        ).fetchall()
        return [text for (text,) in rows]

    def rows_with(self, column: CellColumn, text: str) -> list[Spot]:
        """Rows whose cell holds a text."""
        rows = self.connection.execute(
            f"SELECT source_row FROM corrected_grid WHERE {column.name} = $text ORDER BY source_row",
            {"text": text},
        ).fetchall()
        return [Spot(None, source_row) for (source_row,) in rows]

    def put_all(self, column: CellColumn, texts: dict[str, str]) -> None:
        """Replaces texts of a column in one go."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE replacement (seen VARCHAR, text VARCHAR)"
        )
        insert(self.connection, "replacement", list(texts.items()))
        self.connection.execute(
            f"UPDATE corrected_grid SET {column.name} = replacement.text FROM replacement "
            f"WHERE corrected_grid.{column.name} = replacement.seen"
        )

    def _response_is(self) -> str:
        """How the number of a response stands in the grid."""
        if self.export.is_counted_by_row:
            return "source_row::VARCHAR = $value"
        columns = [x.position for x in self.export.columns if x.role == "response_id"]
        return f"trim(c{columns[-1]}) = $value" if columns else "false AND $value IS NULL"
