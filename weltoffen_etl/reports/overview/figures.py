"""What the overview shows, read from the published database of its release."""

from __future__ import annotations

from typing import Any

from weltoffen_etl.database import Connection

Row = dict[str, Any]


def rows(connection: Connection, statement: str, **parameters: object) -> list[Row]:
    """Returns the result of a statement as one mapping per row."""
    result = connection.execute(statement, parameters)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


MATRIX = """
SELECT quality.*, municipality.label_de
FROM quality.municipality_wave AS quality
JOIN reference.municipality AS municipality USING (ags)
JOIN reference.wave AS wave USING (wave)
ORDER BY quality.ags, wave.position
"""

EXPECTED = """
SELECT expected.*, municipality.label_de
FROM quality.expected_delivery AS expected
JOIN reference.municipality AS municipality USING (ags)
ORDER BY expected.due_on, expected.ags, expected.kind
"""

TOPICS = """
SELECT
    rule.topic_de,
    count(*) FILTER (finding.severity = 'critical') AS critical,
    count(*) FILTER (finding.severity = 'warning') AS warning,
    count(*) FILTER (finding.severity = 'info') AS info
FROM quality.finding AS finding
JOIN reference.rule AS rule USING (rule)
WHERE finding.is_current
GROUP BY rule.topic_de
ORDER BY min(rule.position)
"""

RULES = """
SELECT
    rule.rule,
    rule.topic_de,
    rule.severity,
    rule.action_de,
    rule.says,
    count(*) AS findings,
    count(DISTINCT finding.delivery_id) AS deliveries
FROM quality.finding AS finding
JOIN reference.rule AS rule USING (rule)
WHERE finding.is_current
GROUP BY ALL
ORDER BY min(rule.action_position), min(rule.position)
"""

DELIVERIES = """
SELECT
    delivery.*,
    municipality.label_de,
    -- A file's rows would give away the figure that is withheld elsewhere.
    delivery.kind = 'selfcheck' AND (
        delivery.is_suppressed
        OR EXISTS (
            SELECT 1 FROM quality.municipality_wave AS quality
            WHERE quality.is_suppressed
                AND (delivery.sender = '_multi' OR quality.ags = delivery.sender)
                AND (delivery.wave IS NULL OR quality.wave = delivery.wave)
        )
    ) AS is_withheld
FROM quality.reconciliation AS delivery
LEFT JOIN reference.municipality AS municipality ON municipality.ags = delivery.sender
ORDER BY delivery.sequence
"""
