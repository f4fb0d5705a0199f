"""A survey table: what a tool's file looks like before it is tied to a questionnaire."""

from __future__ import annotations

from dataclasses import dataclass

from weltoffen_etl.exports.grid import Grid, Note


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column the tool adds itself.

    Attributes:
        code: heading in the tool's code style.
        role: one of the roles of the instrument.
        headings: headings in words, in every language the tool writes.
        is_last: whether it stands after the questions instead of before them.
    """

    code: str
    role: str
    headings: tuple[str, ...] = ()
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class SurveyTable:
    """Responses of one file, not yet tied to a questionnaire.

    Attributes:
        tool: survey tool, for example ``limesurvey``.
        variant: kind of its export, for example ``vv``; empty for the usual one.
        container: ``csv``, ``xlsx`` …
        encoding: encoding of a text file.
        delimiter: separator of a text file.
        grid: sheet that holds the responses.
        heading_row: last row of headings; every row of the grid below is a response.
        headings: heading of each column, in the tool's code style where the file has it.
        texts: question text of each column, empty where the file has none beside the
            heading; as long as ``headings`` or empty altogether.
        own_columns: columns the tool adds itself, in its order.
        real_cases: values of the column with role ``test_marker`` that mean a real
            response, in lower case; all others are tests.
        finished_cases: values of the column with role ``finished`` that mean a form sent
            off, in lower case; empty where the tool has no such column.
        joined: further sheets whose columns were joined to those of ``grid.sheet``.
        own_sheets: other sheets the tool writes itself, by `text_key`, read past.
        notes: what was noticed while reading.
    """

    tool: str
    variant: str
    container: str
    encoding: str | None
    delimiter: str | None
    grid: Grid
    heading_row: int
    headings: tuple[str, ...]
    texts: tuple[str, ...]
    own_columns: tuple[OwnColumn, ...]
    real_cases: frozenset[str] = frozenset()
    finished_cases: frozenset[str] = frozenset()
    joined: tuple[str | None, ...] = ()
    own_sheets: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()

    @property
    def numbers_responses(self) -> bool:
        """Whether the tool gives each response a number of its own."""
        return any(column.role == "response_id" for column in self.own_columns)

    @property
    def rows(self) -> int:
        """Number of responses, rows with too many or too few fields included."""
        above = sum(row <= self.heading_row for row, _ in self.grid.head)
        return self.grid.rows - above + len(self.grid.ragged)
