"""What shows in a survey export as a whole: questions that lack, columns moved, answers missing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from weltoffen_etl.database import Connection, statement
from weltoffen_etl.exports.surveys import limesurvey, selfcheck_template
from weltoffen_etl.exports.surveys.binding import ANSWER_ROLES
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.interpret.choice_list import unknown_choices

_ENOUGH_FORMS = 5
_LEAST_ANSWERED = 0.5
"""Below this share of answered questions a field score is not trusted either."""


def notes(connection: Connection, export: SurveyExport, delivery_id: str) -> list[Finding]:
    """Findings about the columns and the answer style of an export just interpreted."""
    delivered = {column.source_code for column in export.columns}
    findings = [
        found(delivery_id, "item_not_delivered", sheet=export.sheet, value=column.source_code)
        for role in ANSWER_ROLES
        for column, _ in export.instrument.columns_with(role)
        if column.source_code not in delivered
    ]
    findings.extend(_unanswered(connection, export, delivery_id))
    if (moved := _first_moved(export)) is not None:
        findings.append(found(delivery_id, "columns_reordered", sheet=export.sheet, value=moved))
    if export.tool == selfcheck_template.TOOL:
        # Its drop-downs hold answer texts on purpose, and a text they lack is not lost.
        return findings
    row = connection.execute(
        "SELECT 1 FROM cell JOIN source_column USING (source_code) "
        "JOIN answer_label ON answer_label.question_code = source_column.question_code "
        "AND answer_label.label = cell.label WHERE source_column.role = 'item' "
        # A tool without codes writes the label itself; nothing is lost there.
        "AND text_key(answer_label.code) <> answer_label.label LIMIT 1"
    ).fetchone()
    if row is not None:
        findings.append(found(delivery_id, "long_answers", sheet=export.sheet))
    return [*findings, *unknown_choices(connection, export, delivery_id)]


def _first_moved(export: SurveyExport) -> str | None:
    """Returns the first item that stands before one it follows in the questionnaire.

    Only where the tool writes its columns in that order: two headings that changed places
    show in nothing else.
    """
    if export.tool != limesurvey.TOOL:
        return None
    order = {x.source_code: n for n, x in enumerate(export.instrument.structure.columns)}
    delivered = sorted(
        (x for x in export.columns if x.role == "item" and x.source_code in order),
        key=lambda x: x.position,
    )
    codes = [x.source_code for x in delivered if x.source_code is not None]
    return next((a for a, b in pairwise(codes) if order[a] > order[b]), None)


def _unanswered(
    connection: Connection, export: SurveyExport, delivery_id: str
) -> Iterator[Finding]:
    """Yields what is missing from the file as a whole: many answers, or all of one question."""
    row = connection.execute(statement("stage", "answered_share")).fetchone()
    forms, share = row or (0, None)
    if forms >= _ENOUGH_FORMS and share is not None and share < _LEAST_ANSWERED:
        shown = f"{math.floor(100 * share)} %"
        yield found(delivery_id, "answered_share_low", sheet=export.sheet, value=shown)
        return  # the single questions would say the same again
    headings = {column.source_code: column for column in export.columns}
    for code, forms in connection.execute(statement("stage", "silent_item")).fetchall():
        yield found(
            delivery_id,
            "item_never_answered",
            sheet=export.sheet,
            source_column=headings[code].heading,
            position=headings[code].position,
            value=code,
            entries=forms,
        )
