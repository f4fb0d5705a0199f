"""Which tool a file comes from, by its content, and its reading as an export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.exports.surveys import (
    efs,
    generic,
    google_forms,
    kobo,
    limesurvey,
    limesurvey_vv,
    microsoft_forms,
    qualtrics,
    selfcheck_template,
    sosci,
    spss,
    surveymonkey,
)
from weltoffen_etl.exports.surveys.binding import ANSWER_ROLES, bind
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.exports.surveys.extra_rows import without_extra_rows
from weltoffen_etl.exports.surveys.table import SurveyTable
from weltoffen_etl.exports.workshops import mentimeter, mural, padlet, polis
from weltoffen_etl.exports.workshops import template as workshop_template
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legend
from weltoffen_etl.exports.workshops.template import Template
from weltoffen_etl.instrument.model import Instrument

_SHOWN_HEADINGS = 12
_FITTING = 3


class BoardTool(NamedTuple):
    """One board or voting tool: how its files are known and read."""

    recognise: Callable[[Tables], bool]
    read: Callable[[Tables, Legend, str], WorkshopExport]


class SurveyTool(NamedTuple):
    """One survey tool: how its files are known and read."""

    recognise: Callable[[Tables], bool]
    read: Callable[[Tables], SurveyTable]


SURVEY_TOOLS: Final[tuple[SurveyTool, ...]] = (
    SurveyTool(selfcheck_template.recognise, selfcheck_template.read),
    SurveyTool(qualtrics.recognise, qualtrics.read),
    SurveyTool(sosci.recognise, sosci.read),
    SurveyTool(surveymonkey.recognise, surveymonkey.read),
    SurveyTool(kobo.recognise, kobo.read),
    SurveyTool(efs.recognise, efs.read),
    SurveyTool(microsoft_forms.recognise, microsoft_forms.read),
    SurveyTool(limesurvey_vv.recognise, limesurvey_vv.read),
    SurveyTool(limesurvey.recognise, limesurvey.read),
    SurveyTool(google_forms.recognise, google_forms.read),
    SurveyTool(spss.recognise, spss.read),
)
"""Tools in the order in which they are asked: the most telling marks first."""

BOARD_TOOLS: Final[tuple[BoardTool, ...]] = (
    BoardTool(mural.recognise, mural.read),
    BoardTool(polis.recognise, polis.read),
    BoardTool(padlet.recognise, padlet.read),
)
"""Tools of workshops whose headings no other tool writes; asked before all others."""

VOTING_TOOLS: Final[tuple[BoardTool, ...]] = (BoardTool(mentimeter.recognise, mentimeter.read),)
"""Tools of workshops with everyday headings; asked last."""


def survey_table(tables: Tables) -> SurveyTable | None:
    """Returns the responses of a file that looks like a survey export, else None.

    Raises:
        UnreadableFileError: the tool is known, but this file of it holds no responses.
    """
    return _of_known_tool(tables) or _of_any_table(tables)


def _of_known_tool(tables: Tables) -> SurveyTable | None:
    for tool in SURVEY_TOOLS:
        if tool.recognise(tables):
            return without_extra_rows(tool.read(tables))
    return None


def _of_any_table(tables: Tables) -> SurveyTable | None:
    return without_extra_rows(generic.read(tables)) if generic.recognise(tables) else None


def read_export(
    tables: Tables,
    instruments: list[Instrument],
    template: Template,
    legend: Legend,
    delivery_id: str,
) -> SurveyExport | WorkshopExport:
    """Recognises the tool and reads the file as its export.

    Args:
        tables: grids of the file.
        instruments: all known instruments.
        template: the workshop template.
        legend: what the marks on the workshop's board mean.
        delivery_id: SHA-256 of the file.

    Returns:
        The survey or workshop export.

    Raises:
        UnreadableFileError: no known tool, with the headings that were found; or no
            questionnaire fits.
    """
    board = _board_tool(tables, BOARD_TOOLS)
    if board is not None:
        return board.read(tables, legend, delivery_id)
    survey = _of_known_tool(tables)
    if survey is not None:
        return bind(survey, tables, instruments, delivery_id)
    # Before the template: a self-check may ask for key and date, which also the template does.
    survey = _of_any_table(tables)
    if survey is not None:
        plain = _plain_table(survey, tables, instruments, delivery_id)
        if plain is not None:
            return plain
    if workshop_template.recognise(tables, template):
        export = workshop_template.read(tables, template, delivery_id)
        workshop_template.require_keys(export, template)
        return export
    voting = _board_tool(tables, VOTING_TOOLS)
    if voting is not None:
        return voting.read(tables, legend, delivery_id)
    heads = [text for text in survey.headings if text] if survey is not None else []
    heads = heads or [x for grid in tables.grids for _, row in grid.head[:1] for x in row if x]
    raise UnreadableFileError("file_not_recognised", ", ".join(heads[:_SHOWN_HEADINGS]))


def _plain_table(
    survey: SurveyTable, tables: Tables, instruments: list[Instrument], delivery_id: str
) -> SurveyExport | None:
    """Binds a table without marks of a tool; only its questions can prove what it is."""
    try:
        export = bind(survey, tables, instruments, delivery_id)
    except UnreadableFileError:
        return None
    fitting = sum(column.role in ANSWER_ROLES for column in export.columns)
    return export if fitting >= _FITTING else None


def _board_tool(tables: Tables, tools: tuple[BoardTool, ...]) -> BoardTool | None:
    return next((tool for tool in tools if tool.recognise(tables)), None)
