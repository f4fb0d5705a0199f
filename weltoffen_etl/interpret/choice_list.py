"""Splits cells that hold all chosen action fields at once into one choice per field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from weltoffen_etl.database import Connection, insert
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import IGNORED, SourceColumn, text_key

_SEPARATORS = ";,|\n"
_EMPTY = frozenset({"", "N/A"})
_CHOSEN = "Y"


class Split(NamedTuple):
    """What a cell says: action fields, and pieces that are no known option."""

    fields: tuple[str, ...]
    unknown: tuple[str, ...]


def split(text: str, options: Mapping[str, str]) -> Split:
    """Splits a cell by the known options, which may hold separators themselves.

    Separators are ``;``, ``,``, ``|`` and line breaks; blanks only if every piece between
    blanks is an option, as in codes of KoboToolbox.

    Args:
        text: the cell.
        options: action field or `IGNORED`, by option.

    Returns:
        Chosen fields in order and without repetition, and what was left over.

    >>> split("Bildung, Kultur; Arbeit;", {"Bildung, Kultur": "FZ", "Arbeit": "AW"})
    Split(fields=('FZ', 'AW'), unknown=())
    """
    known = {text_key(option): target for option, target in options.items()}
    words = [text_key(word) for word in text.split()]
    if all(word in known for word in words):
        return Split(_fields(known[word] for word in words), ())
    targets: list[str] = []
    unknown: list[str] = []
    pieces = _pieces(text)
    while pieces:
        # The longest run of pieces that is an option; a run keeps its separators.
        for count in range(len(pieces), 0, -1):
            run = "".join(pieces[:count]).strip().rstrip(_SEPARATORS).strip()
            whole = "".join(pieces[:count]).strip()
            target = known.get(text_key(whole), known.get(text_key(run)))
            if target is not None or (count == 1 and not run):
                break
        else:
            count, target = 1, None
            unknown.append(run)
        if target is not None:
            targets.append(target)
        pieces = pieces[count:]
    return Split(_fields(targets), tuple(unknown))


class Derived(NamedTuple):
    """A field choice that stands in a column with all chosen fields.

    Attributes:
        code: ``<column>[<field>]``.
        field: action field.
        column: the column of the questionnaire.
        position: place of the column in the file, None where it is not delivered.
    """

    code: str
    field: str
    column: SourceColumn
    position: int | None


def derived_codes(export: SurveyExport) -> list[Derived]:
    """Returns a field choice for each action field of each column that lists them."""
    positions = {column.source_code: column.position for column in export.columns}
    return [
        Derived(_derived(column, field), field, column, positions.get(column.source_code))
        for column, mapping in export.instrument.columns_with("field_choice_list")
        for field in _fields(export.instrument.values[mapping.values or ""].values())
    ]


def load_choice_pieces(connection: Connection, export: SurveyExport) -> None:
    """Splits each distinct cell that lists choices into the table ``choice_piece``.

    A piece is a chosen field, under the code of its derived column, or a text that is no option.

    Args:
        connection: database with ``grid`` of the exports.
        export: one of the exports of the same layout.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE choice_piece (source_code VARCHAR, source_value VARCHAR, "
        "derived_code VARCHAR, unknown VARCHAR)"
    )
    delivered = {column.source_code: column for column in export.columns}
    for column, mapping in export.instrument.columns_with("field_choice_list"):
        options = export.instrument.values[mapping.values or ""]
        if column.source_code not in delivered:
            continue
        cells = connection.execute(
            f"SELECT DISTINCT c{delivered[column.source_code].position} FROM grid ORDER BY 1"
        ).fetchall()
        pieces: list[tuple[str, str, str | None, str | None]] = []
        for (cell,) in cells:
            if cell is None or cell.strip() in _EMPTY:
                continue
            chosen, unknown = split(cell, options)
            code = column.source_code
            pieces += [(code, cell, _derived(column, field), None) for field in chosen]
            pieces += [(code, cell, None, piece) for piece in unknown]
        insert(connection, "choice_piece", pieces)


def unknown_choices(
    connection: Connection, exports: Mapping[str, SurveyExport]
) -> dict[str, list[Finding]]:
    """Returns a finding for each cell with a piece that is no option, by delivery.

    Args:
        connection: database after `load_choice_pieces`.
        exports: exports of the same layout, by delivery.
    """
    findings: dict[str, list[Finding]] = {}
    for listed in next(iter(exports.values())).columns:
        if listed.role != "field_choice_list":
            continue
        rows = connection.execute(
            "SELECT batch.delivery_id::VARCHAR, grid.source_row, unknown FROM grid "
            f"JOIN choice_piece ON choice_piece.source_value = grid.c{listed.position} "
            "JOIN batch USING (delivery) "
            "WHERE source_code = $code AND unknown IS NOT NULL ORDER BY ALL",
            {"code": listed.source_code},
        ).fetchall()
        for delivery_id, row, piece in rows:
            export = exports[delivery_id]
            column = next(x for x in export.columns if x.position == listed.position)
            findings.setdefault(delivery_id, []).append(
                found(
                    delivery_id,
                    "choice_unknown",
                    sheet=export.sheet,
                    source_row=row,
                    source_column=column.heading,
                    position=column.position,
                    value=piece,
                )
            )
    return findings


def _derived(column: SourceColumn, field: str) -> str:
    return f"{column.source_code}[{field}]"


def _fields(targets: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(target for target in targets if target != IGNORED))


def _pieces(text: str) -> list[str]:
    """The text cut behind each separator."""
    pieces = [""]
    for letter in text:
        pieces[-1] += letter
        if letter in _SEPARATORS:
            pieces.append("")
    return [piece for piece in pieces if piece]
