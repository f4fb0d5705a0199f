"""Entries of a board or voting tool become contributions, by the legend of the workshop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from weltoffen_etl.exports.grid import Tables
from weltoffen_etl.exports.noticed import finding_of
from weltoffen_etl.exports.workshops.export import SheetRow, WorkshopExport
from weltoffen_etl.exports.workshops.legend import KINDS, Legend
from weltoffen_etl.findings import Finding, found

_BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "tr"})
_HIDDEN = frozenset({"script", "style"})
_SHOWN_MARKS = 40
_NEEDED = {"guiding_question": "Leitfrage", "action_field": "Handlungsfeld"}


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """One sticky note, post, idea or answer.

    Attributes:
        source_row: row in the file.
        text: what it says, without tags.
        marks: kind and mark of everything that may give it a meaning.
        points: votes as they stood, empty without a vote.
        number: the tool's own number, empty when there is none.
        place: position on the board, None where the tool has none.
        sheet: sheet of a workbook.
    """

    source_row: int
    text: str
    marks: tuple[tuple[str, str], ...]
    points: str = ""
    number: str = ""
    place: tuple[float, float] | None = None
    sheet: str | None = None


@dataclass(slots=True)
class Board:
    """What an adapter found in a file.

    Attributes:
        tool: tool, for example ``mural``.
        label: format of the workshop as it is shown, for example ``Mural-Board``.
        entries: all entries but those read past.
        findings: what was noticed.
        ignored: number of rows read past; a finding says why.
    """

    tool: str
    label: str
    entries: list[BoardEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ignored: int = 0

    def ignore(self, delivery_id: str, rule: str, rows: int) -> None:
        """Counts rows that are read past by a rule, with one finding for all of them."""
        if rows:
            self.ignored += rows
            self.findings.append(found(delivery_id, rule, value=str(rows)))


def as_export(board: Board, tables: Tables, legend: Legend, delivery_id: str) -> WorkshopExport:
    """Gives every entry its guiding question, action field and group.

    An entry whose meaning the legend does not give, or gives twice, is kept back with a
    finding. If that is so for all of them, the legend is missing and the file is refused
    with a finding that names the marks to be explained.

    Args:
        board: what the adapter found.
        tables: grids of the file.
        legend: the workshop's legend.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        The export; it has no keys, the workshop is the one of the folder.
    """
    rows = []
    kept = []
    refused = []
    read_past = {"board_row_empty": 0, "board_row_ignored": 0}
    for entry in board.entries:
        if not entry.text:
            read_past["board_row_empty"] += 1
            continue
        if legend.is_ignored("texts", entry.text) or any(
            legend.is_ignored(*mark) for mark in entry.marks
        ):
            read_past["board_row_ignored"] += 1
            continue
        cells = {"number": entry.number, "text": entry.text, "points": entry.points}
        meaning: dict[str, set[str]] = {}
        for part in legend.meanings(entry.marks, entry.place):
            for target, code in part.items():
                meaning.setdefault(target, set()).add(code)
        cells |= {target: min(codes) for target, codes in meaning.items() if len(codes) == 1}
        kept.append(entry)
        rows.append(SheetRow(entry.sheet, entry.source_row, cells))
        problem = _problem(entry, meaning, delivery_id)
        if problem is not None:
            refused.append(problem)
    for rule, number in read_past.items():
        board.ignore(delivery_id, rule, number)
    if rows and len(refused) == len(rows):
        refused = _legend_missing(board, kept, delivery_id)
    ragged = [(grid, row, width) for grid in tables.grids for row, width in grid.ragged]
    return WorkshopExport(
        tool=board.tool,
        part=board.tool,
        format=board.label,
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        keys=None,
        rows={"contribution": rows},
        ragged=tuple(row for grid in tables.grids for row in grid.ragged_text),
        ignored_rows=board.ignored,
        findings=(
            *(finding_of(note, delivery_id) for note in tables.notes),
            *board.findings,
            *refused,
            *(
                found(
                    delivery_id,
                    "row_ragged",
                    source_row=row,
                    value=str(width),
                    expected=grid.columns,
                )
                for grid, row, width in ragged
            ),
        ),
    )


def _problem(entry: BoardEntry, meaning: dict[str, set[str]], delivery_id: str) -> Finding | None:
    """Why an entry cannot be a contribution, None if it can."""
    twice = sorted(target for target, codes in meaning.items() if len(codes) > 1)
    lacking = [label for target, label in _NEEDED.items() if target not in meaning]
    if not twice and not lacking:
        return None
    shown = ", ".join(f"{KINDS[kind]} {mark}" for kind, mark in entry.marks) or entry.text
    return found(
        delivery_id,
        "board_marks_conflict" if twice else "board_entry_without_meaning",
        sheet=entry.sheet,
        source_row=entry.source_row,
        value=shown,
        lacking=" und ".join(lacking),
    )


def _legend_missing(board: Board, entries: Sequence[BoardEntry], delivery_id: str) -> list[Finding]:
    """Refuses the file and lists the marks that a legend has to explain."""
    counts = Counter(mark for entry in entries for mark in entry.marks)
    needed = [
        found(
            delivery_id,
            "legend_mark",
            source_column=f"{KINDS[kind]} {mark}",
            value=f"{KINDS[kind]} {mark}",
            entries=number,
        )
        for (kind, mark), number in counts.most_common(_SHOWN_MARKS)
    ]
    return [
        found(delivery_id, "legend_missing", value=board.label, entries=len(entries)),
        *sorted(needed, key=lambda finding: finding.value or ""),
    ]


def text_of(html: str) -> str:
    """Returns the text of an HTML fragment: tags removed, entities decoded, breaks kept.

    What the parser refuses, such as a broken ``<![``, stays as it stands.

    >>> text_of("<p>Feste&nbsp;Zeiten</p><p>&amp; Orte</p>")
    'Feste Zeiten\\n& Orte'
    """
    reader = _TextOfHtml()
    try:
        reader.feed(html)
        reader.close()
    except AssertionError:
        # The parser asserts on declarations that end too soon.
        return unescape(html).strip()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _TextOfHtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
