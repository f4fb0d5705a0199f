"""Findings as rows: located in the file, and worded for inside and for outside.

Inside, a finding names headings and values as they stand in the file. Outside, in reports
and releases, it names them in our own words only: a cell, a heading, a sheet or a file
name can hold anything, also a person's name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from weltoffen_etl.exports.grid import column_letters
from weltoffen_etl.findings import HIDDEN, Finding, public_sentence, public_value
from weltoffen_etl.quality.rulebook import rule_texts

_UNNAMED = frozenset({"unknown", "never_loaded"})


@dataclass(frozen=True, slots=True)
class FileLayout:
    """What is known of a file's own names, to translate them into ours.

    Attributes:
        ags: municipality of the folder, None for a file of several.
        sheets: names of all sheets in order, empty for text files.
        data_sheet: sheet with the responses of a survey.
        columns: for each sheet and heading, or heading alone in a survey: position from 0,
            code of the questionnaire, role.
        key_cells: row and position from 0 of the value of a key, by sheet and key.
    """

    ags: str | None
    sheets: tuple[str, ...]
    data_sheet: str | None
    columns: Mapping[tuple[str | None, str], tuple[int, str | None, str]]
    key_cells: Mapping[tuple[str | None, str], tuple[int, int]]

    def sheet_of(self, sheet: str | None, place: object) -> tuple[str | None, int | None]:
        """Returns name and number of the sheet that something is in.

        Args:
            sheet: sheet as the reader knows it; a survey has one and does not name it.
            place: row or column; without one, the whole file is meant.
        """
        name = sheet if sheet is not None or place is None else self.data_sheet
        return name, self.sheets.index(name) + 1 if name in self.sheets else None


def finding_row(
    finding: Finding, layout: FileLayout, own_names: Collection[str]
) -> tuple[object, ...]:
    """Returns one finding as a row of ``raw.finding``.

    Args:
        finding: what was found.
        layout: names in the file.
        own_names: headings and sheets of our templates, which may be shown as they are.

    Returns:
        Values in the order of the table's columns.
    """
    rule = rule_texts()[finding.rule]
    place = finding.source_row if finding.source_row is not None else finding.source_column
    sheet, sheet_number = layout.sheet_of(finding.sheet, place)
    position, public_column = _column(finding, layout, own_names)
    # What the sheet of keys says counts for the whole file; its findings name the key's cell.
    row, position = layout.key_cells.get(
        (finding.sheet, finding.source_column or ""), (finding.source_row, position)
    )
    public_sheet = (
        sheet if sheet is not None and sheet in own_names else str(sheet_number or HIDDEN)
    )
    return (
        finding.delivery_id,
        finding.rule,
        finding.severity,
        layout.ags,
        sheet,
        sheet_number,
        row,
        finding.source_column,
        None if position is None else position + 1,
        public_column,
        finding.value,
        public_value(rule, finding.value),
        finding.message,
        public_sentence(rule, finding, public_column or HIDDEN, public_sheet),
    )


def _column(
    finding: Finding, layout: FileLayout, own_names: Collection[str]
) -> tuple[int | None, str | None]:
    """Position and public name of the column a finding is about."""
    heading = finding.source_column
    known = layout.columns.get((finding.sheet, heading or "")) or layout.columns.get(
        (None, heading or "")
    )
    position = finding.position if finding.position is not None else known[0] if known else None
    if heading is None and position is None:
        return None, None
    if known is not None and known[1] is not None and known[2] not in _UNNAMED:
        return position, known[1]
    if heading in own_names:
        return position, heading
    return position, HIDDEN if position is None else column_letters(position)
