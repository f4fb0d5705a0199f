"""What the internal warehouse knows of one municipality, read in the words that may leave it.

File names, sheet names, headings and texts from files are not read at all, so that no
template can show them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from weltoffen_etl.database import Connection
from weltoffen_etl.reports.pages import german

_KEY = re.compile(r"[0-9]{5}(?:[0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality as the registry names it."""

    ags: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file, with those of its rows that belong to the municipality.

    Attributes:
        delivery_id: checksum of the file.
        sequence: order of arrival.
        kind: ``selfcheck`` or ``workshop``.
        waves: waves of its rows, else of its folder.
        workshop_on: day of the workshop.
        part: which part of a workshop it brings, ``whole`` for all of it.
        size_bytes: size of the file, None for a file of several municipalities.
        first_seen_at: when it was first seen, UTC.
        container: file format.
        is_synthetic: whether its content is invented.
        is_readable: whether it could be read at all.
        is_shared: whether it holds several municipalities.
        superseded_by: the newer file that replaces it.
        settled: it could not be read, and a newer readable file stands in its place.
        taken: rows taken.
        kept_back: rows kept back.
    """

    delivery_id: str
    sequence: int
    kind: str
    waves: tuple[str, ...]
    workshop_on: date | None
    part: str
    size_bytes: int | None
    first_seen_at: datetime
    container: str | None
    is_synthetic: bool
    is_readable: bool
    is_shared: bool
    superseded_by: str | None
    settled: bool
    taken: int
    kept_back: int

    @property
    def in_force(self) -> bool:
        """Whether nothing newer stands in its place."""
        return self.superseded_by is None and not self.settled

    @property
    def what(self) -> str:
        """The delivery in our words: ``Selbstcheck t0``, ``Workshop vom 14. Mai 2025``."""
        if self.kind == "selfcheck":
            return " ".join(
                ["Selbstcheck", german.listed(self.waves)] if self.waves else ["Selbstcheck"]
            )
        return f"Workshop vom {german.day(self.workshop_on)}" if self.workshop_on else "Workshop"

    @property
    def mark(self) -> str:
        """The first digits of the checksum, by which a file can be talked about."""
        return self.delivery_id[:8]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding with what its rule says, in public words only."""

    delivery_id: str | None
    is_current: bool
    rule: str
    topic: str
    severity: str
    sheet_number: int | None
    source_row: int | None
    column_number: int | None
    column: str | None
    message: str
    action: str
    action_de: str
    action_position: int
    rule_position: int
    about_person: bool
    says: str


@dataclass(frozen=True, slots=True)
class Expected:
    """A delivery that was agreed, and whether it came."""

    kind: str
    wave: str | None
    due_on: date
    status: str


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """The forms of one wave.

    Attributes:
        wave: code.
        label: name.
        counted: counted forms.
        not_counted: forms that do not count, by reason.
        completeness: share of questions answered.
        kept_back: rows kept back.
    """

    wave: str
    label: str
    counted: int
    not_counted: dict[str, int]
    completeness: float | None
    kept_back: int


@dataclass(frozen=True, slots=True)
class FieldAnswers:
    """The questions of one action field in one wave.

    Attributes:
        action_field: code.
        label: name.
        wave: wave.
        respondents: counted forms in which the field was not deselected.
        asked: questions of those forms.
        unanswered: those without an answer.
    """

    action_field: str
    label: str
    wave: str
    respondents: int
    asked: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a report on one municipality is made of."""

    municipality: Municipality
    deliveries: tuple[Delivery, ...]
    noticed: tuple[Noticed, ...]
    expected: tuple[Expected, ...]
    waves: tuple[WaveFacts, ...]
    fields: tuple[FieldAnswers, ...]


def municipalities(connection: Connection) -> list[Municipality]:
    """Returns all registered municipalities, ordered by key."""
    rows = connection.execute(
        "SELECT ags, label_de, type FROM reference.municipality ORDER BY ags"
    ).fetchall()
    return [Municipality(*row) for row in rows]


def reported(connection: Connection) -> list[str]:
    """Returns the keys of all municipalities that delivered something or agreed to."""
    rows = connection.execute(
        "SELECT ags FROM reference.municipality WHERE ags IN (SELECT ags FROM raw.delivery) "
        "OR ags IN (SELECT ags FROM raw.response) OR ags IN (SELECT ags FROM quality.quarantine) "
        "OR ags IN (SELECT ags FROM quality.expected_delivery) ORDER BY ags"
    ).fetchall()
    # The key becomes a file name.
    return [ags for (ags,) in rows if _KEY.fullmatch(ags)]


def read_facts(connection: Connection, municipality: Municipality) -> Facts:
    """Reads what is known of one municipality.

    Args:
        connection: the build.
        municipality: whose report is written.

    Returns:
        The facts, each list in a fixed order.
    """
    ags = {"ags": municipality.ags}
    return Facts(
        municipality,
        tuple(_delivery(row) for row in _ask(connection, _DELIVERIES, ags)),
        tuple(Noticed(*row) for row in _ask(connection, _NOTICED, ags)),
        tuple(Expected(*row) for row in _ask(connection, _EXPECTED, ags)),
        tuple(_wave(row) for row in _ask(connection, _WAVES, ags)),
        tuple(FieldAnswers(*row) for row in _ask(connection, _FIELDS, ags)),
    )


def _delivery(row: tuple[Any, ...]) -> Delivery:
    values = list(row)
    values[3] = tuple(values[3])
    return Delivery(*values)


def _wave(row: tuple[Any, ...]) -> WaveFacts:
    wave, label, counted, reasons, numbers, completeness, kept_back = row
    not_counted = dict(zip(reasons, numbers, strict=True))
    return WaveFacts(wave, label, counted, not_counted, completeness, kept_back)


def _ask(
    connection: Connection, statement: str, parameters: dict[str, str]
) -> list[tuple[Any, ...]]:
    return connection.execute(statement, parameters).fetchall()


_DELIVERIES = """
WITH own_response AS (
    SELECT delivery_id, count(*) AS n, list_sort(list(DISTINCT wave)) AS waves
    FROM raw.response WHERE ags = $ags GROUP BY delivery_id
),
own_kept AS (
    SELECT delivery_id, count(*) AS n, list_sort(list(DISTINCT wave) FILTER (wave IS NOT NULL)) AS waves
    FROM quality.quarantine WHERE ags = $ags GROUP BY delivery_id
)
SELECT
    d.delivery_id,
    d.sequence,
    d.kind,
    CASE
        WHEN d.wave IS NOT NULL THEN [d.wave]
        ELSE list_sort(list_distinct(list_concat(coalesce(r.waves, []), coalesce(k.waves, []))))
    END AS waves,
    d.workshop_on,
    d.part,
    CASE WHEN d.ags IS NOT NULL THEN d.size_bytes END,
    d.first_seen_at,
    d.container,
    d.is_synthetic,
    d.status <> 'quarantined',
    d.ags IS NULL,
    d.superseded_by,
    d.status = 'quarantined' AND EXISTS (
        SELECT 1 FROM raw.delivery AS newer
        WHERE newer.sequence > d.sequence
            AND newer.status <> 'quarantined'
            AND newer.kind = d.kind
            AND newer.ags IS NOT DISTINCT FROM d.ags
            AND newer.wave IS NOT DISTINCT FROM d.wave
            AND newer.workshop_on IS NOT DISTINCT FROM d.workshop_on
    ),
    CASE WHEN d.ags IS NULL THEN coalesce(r.n, 0) ELSE d.rows_loaded END,
    CASE WHEN d.ags IS NULL THEN coalesce(k.n, 0) ELSE d.rows_quarantined END
FROM raw.delivery AS d
LEFT JOIN own_response AS r USING (delivery_id)
LEFT JOIN own_kept AS k USING (delivery_id)
WHERE d.kind IS NOT NULL
    AND (d.ags = $ags OR (d.ags IS NULL AND (r.n IS NOT NULL OR k.n IS NOT NULL)))
ORDER BY d.sequence
"""

_NOTICED = """
SELECT
    f.delivery_id,
    f.is_current,
    f.rule,
    f.topic,
    f.severity,
    f.sheet_number,
    f.source_row,
    f.column_number,
    f.public_column,
    f.public_message,
    rule.action,
    rule.action_de,
    rule.action_position,
    rule.position,
    rule.about_person,
    rule.says
FROM quality.finding AS f
JOIN reference.rule AS rule USING (rule)
LEFT JOIN raw.delivery AS delivery USING (delivery_id)
WHERE (f.ags = $ags OR (f.ags IS NULL AND f.sender = $ags)) AND f.action <> 'repair'
ORDER BY
    rule.action_position,
    list_position(['critical', 'warning', 'info'], rule.severity),
    rule.position, delivery.sequence NULLS FIRST, f.number
"""

_EXPECTED = """
SELECT kind, wave, due_on, status
FROM quality.expected_delivery
WHERE ags = $ags
ORDER BY due_on, kind, wave
"""

_WAVES = """
SELECT
    wave.wave,
    wave.label_de,
    coalesce(quality.n_responses, 0),
    coalesce(excluded.reasons, []),
    coalesce(excluded.numbers, []),
    quality.completeness,
    coalesce(quality.rows_quarantined, 0)
FROM reference.wave AS wave
JOIN quality.municipality_wave AS quality ON quality.wave = wave.wave AND quality.ags = $ags
LEFT JOIN (
    SELECT wave, list(reason ORDER BY reason) AS reasons, list(n ORDER BY reason) AS numbers
    FROM (
        SELECT wave, excluded_because AS reason, count(*) AS n
        FROM core.response
        WHERE ags = $ags AND excluded_because IS NOT NULL
        GROUP BY wave, excluded_because
    )
    GROUP BY wave
) AS excluded ON excluded.wave = wave.wave
ORDER BY wave.position
"""

_FIELDS = """
SELECT field.action_field, field.label_de, forms.wave, forms.n, counts.n_asked, counts.n_open
FROM (
    -- Of items in a field that was not chosen, only the lowest digit of the code is set.
    SELECT action_field, wave, count(*) FILTER ((code_1 & ~(code_2 | code_4 | code_8)) <> asked) AS n
    FROM core.response_field
    WHERE ags = $ags
    GROUP BY action_field, wave
) AS forms
JOIN (
    SELECT
        item.action_field,
        counts.wave,
        coalesce(sum(counts.n) FILTER (counts.missing_reason IS DISTINCT FROM 'not_chosen'), 0)::BIGINT
            AS n_asked,
        coalesce(sum(counts.n) FILTER (
            counts.missing_reason IN
                ('skipped', 'not_reached', 'invalid', 'unknown_reason', 'not_delivered')
        ), 0)::BIGINT AS n_open
    FROM core.answer_count AS counts
    JOIN reference.item AS item USING (item_code)
    WHERE counts.ags = $ags
    GROUP BY item.action_field, counts.wave
) AS counts USING (action_field, wave)
JOIN reference.action_field AS field USING (action_field)
ORDER BY field.position, forms.wave
"""
