"""Splits cells that hold all chosen action fields at once into one choice per field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from weltoffen_etl.database import Connection, insert
from weltoffen_etl.exports.surveys.export import ResolvedColumn, SurveyExport
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


def load_choice_lists(connection: Connection, export: SurveyExport) -> None:
    """Adds a field choice per action field to ``cell`` for each column that lists them.

    Derived columns are called ``<column>[<field>]``, also in ``source_column``. The
    pieces that are no option stay in the temporary table ``choice_piece``.

    Args:
        connection: database with ``grid``, ``cell`` and ``source_column`` of the export.
        export: what was read.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE choice_piece (source_code VARCHAR, source_value VARCHAR, "
        "action_field VARCHAR, unknown VARCHAR)"
    )
    delivered = {column.source_code: column for column in export.columns}
    for column, mapping in export.instrument.columns_with("field_choice_list"):
        options = export.instrument.values[mapping.values or ""]
        fields = _fields(options.values())
        _add(connection, column, delivered.get(column.source_code), options, fields)


def unknown_choices(
    connection: Connection, export: SurveyExport, delivery_id: str
) -> list[Finding]:
    """Returns a finding for each cell with a piece that is no option.

    Args:
        connection: database after `load_choice_lists`.
        export: what was read.
        delivery_id: SHA-256 of the file.
    """
    findings = []
    for column in export.columns:
        if column.role != "field_choice_list":
            continue
        rows = connection.execute(
            f"SELECT grid.source_row, unknown FROM grid JOIN choice_piece "
            f"ON choice_piece.source_value = grid.c{column.position} "
            "WHERE source_code = $code AND unknown IS NOT NULL ORDER BY ALL",
            {"code": column.source_code},
        ).fetchall()
        findings += [
            found(
                delivery_id,
                "choice_unknown",
                sheet=export.sheet,
                source_row=row,
                source_column=column.heading,
                position=column.position,
                value=piece,
            )
            for row, piece in rows
        ]
    return findings


def _add(
    connection: Connection,
    column: SourceColumn,
    delivered: ResolvedColumn | None,
    options: Mapping[str, str],
    fields: tuple[str, ...],
) -> None:
    insert(
        connection,
        "source_column",
        [
            (_derived(column, field), column.question_code, column.page, "field_choice", *blank)
            for field in fields
            for blank in [(None, field, None, None, None)]
        ],
    )
    value = "NULL::VARCHAR" if delivered is None else f"grid.c{delivered.position}"
    if delivered is not None:
        cells = connection.execute(
            f"SELECT DISTINCT c{delivered.position} FROM grid ORDER BY 1"
        ).fetchall()
        pieces: list[tuple[str, str, str | None, str | None]] = []
        for (cell,) in cells:
            if cell is None or cell.strip() in _EMPTY:
                continue
            chosen, unknown = split(cell, options)
            pieces += [(column.source_code, cell, field, None) for field in chosen]
            pieces += [(column.source_code, cell, None, piece) for piece in unknown]
        insert(connection, "choice_piece", pieces)
    for field in fields:
        connection.execute(
            "INSERT INTO cell BY NAME SELECT grid.source_row, $derived AS source_code, "
            f"$is_delivered AS is_delivered, {value} AS source_value, "
            "CASE WHEN choice_piece.action_field IS NOT NULL THEN $chosen END AS filled, "
            "NULL::VARCHAR AS label FROM grid LEFT JOIN choice_piece "
            "ON choice_piece.source_code = $code AND choice_piece.action_field = $field "
            f"AND choice_piece.source_value = {value}",
            {
                "derived": _derived(column, field),
                "is_delivered": delivered is not None,
                "chosen": _CHOSEN,
                "code": column.source_code,
                "field": field,
            },
        )


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
