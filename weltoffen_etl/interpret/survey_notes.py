"""What shows in a survey export as a whole: questions that lack, columns moved, answers missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
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


def notes(connection: Connection, exports: Mapping[str, SurveyExport]) -> dict[str, list[Finding]]:
    """Findings about the columns and the answer style of exports just interpreted, by delivery.

    Args:
        connection: database after the interpretation.
        exports: exports of the same layout, by delivery.
    """
    shares = {
        delivery_id: (forms, share)
        for delivery_id, forms, share in connection.execute(
            statement("stage", "answered_share")
        ).fetchall()
    }
    silent: dict[str, list[tuple[str, int]]] = {}
    for delivery_id, code, forms in connection.execute(
        statement("stage", "silent_item")
    ).fetchall():
        silent.setdefault(delivery_id, []).append((code, forms))
    long_ids = {x for (x,) in connection.execute(statement("stage", "long_answer")).fetchall()}
    unknown = unknown_choices(connection, exports)
    findings = {}
    for delivery_id, export in exports.items():
        own = list(_columns(export, delivery_id))
        own += _unanswered(
            export, delivery_id, *shares.get(delivery_id, (0, None)), silent.get(delivery_id, [])
        )
        if (moved := _first_moved(export)) is not None:
            own.append(found(delivery_id, "columns_reordered", sheet=export.sheet, value=moved))
        # Its drop-downs hold answer texts on purpose, and a text they lack is not lost.
        if export.tool != selfcheck_template.TOOL:
            if delivery_id in long_ids:
                own.append(found(delivery_id, "long_answers", sheet=export.sheet))
            own += unknown.get(delivery_id, [])
        findings[delivery_id] = own
    return findings


def _columns(export: SurveyExport, delivery_id: str) -> Iterator[Finding]:
    """Yields the questions whose columns are missing."""
    delivered = {column.source_code for column in export.columns}
    for role in ANSWER_ROLES:
        for column, _ in export.instrument.columns_with(role):
            if column.source_code not in delivered:
                yield found(
                    delivery_id,
                    "item_not_delivered",
                    sheet=export.sheet,
                    value=column.source_code,
                )


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
    export: SurveyExport,
    delivery_id: str,
    forms: int,
    share: float | None,
    silent: Iterable[tuple[str, int]],
) -> Iterator[Finding]:
    """Yields what is missing from the file as a whole: many answers, or all of one question."""
    if forms >= _ENOUGH_FORMS and share is not None and share < _LEAST_ANSWERED:
        shown = f"{math.floor(100 * share)} %"
        yield found(delivery_id, "answered_share_low", sheet=export.sheet, value=shown)
        return  # the single questions would say the same again
    headings = {column.source_code: column for column in export.columns}
    for code, forms_asked in silent:
        yield found(
            delivery_id,
            "item_never_answered",
            sheet=export.sheet,
            source_column=headings[code].heading,
            position=headings[code].position,
            value=code,
            entries=forms_asked,
        )
