"""Which tool a file comes from, by its content, and its reading as an export."""

from __future__ import annotations

from weltoffen_etl.exports import limesurvey, workshop
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.exports.survey import SurveyExport
from weltoffen_etl.exports.workshop import Template, WorkshopExport
from weltoffen_etl.instrument.model import Instrument

_SHOWN_HEADINGS = 12


def read_export(
    tables: Tables, instruments: list[Instrument], template: Template, delivery_id: str
) -> SurveyExport | WorkshopExport:
    """Recognises the tool and reads the file as its export.

    Args:
        tables: grids of the file.
        instruments: all known instruments.
        template: the workshop template.
        delivery_id: SHA-256 of the file.

    Returns:
        The survey or workshop export.

    Raises:
        UnreadableFileError: no known tool, with the headings that were found.
    """
    if limesurvey.recognise(tables):
        return limesurvey.read(tables, instruments, delivery_id)
    if workshop.recognise(tables, template):
        export = workshop.read(tables, template, delivery_id)
        workshop.require_keys(export, template)
        return export
    heads = [cell for grid in tables.grids for _, cells in grid.head[:1] for cell in cells if cell]
    raise UnreadableFileError("file_not_recognised", ", ".join(heads[:_SHOWN_HEADINGS]))
