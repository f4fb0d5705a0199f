-- One row is a finding about the one delivery that was checked by day, in words for outside.
-- Grain: number.
-- Inputs: raw.finding, raw.reading, reference.rule.
-- The first columns are those of notices.finding, so that it is the same finding at night.
SELECT
    finding.delivery_id,
    CASE
        WHEN rule.action = 'repair' THEN 'projektteam'
        WHEN reading.kind IS NULL THEN 'unbekannt'
        ELSE coalesce(reading.place_ags, '_multi')
    END AS sender,
    reading.kind,
    reading.place_wave AS wave,
    reading.place_date AS workshop_on,
    NULL::TIMESTAMP AS first_seen_at,
    CASE
        WHEN NOT reading.is_readable THEN 'quarantined'
        WHEN reading.rows_quarantined > 0 THEN 'partly_quarantined'
        ELSE 'loaded'
    END AS status,
    reading.rows_expected,
    reading.rows_loaded,
    reading.rows_quarantined,
    finding.rule,
    finding.severity,
    rule.action,
    rule.about_person,
    finding.sheet_number,
    finding.source_row,
    finding.column_number,
    finding.public_message,
    rule.topic,
    finding.public_column,
    rule.action_de,
    rule.action_position,
    rule.position AS rule_position,
    rule.says
FROM raw.finding AS finding
JOIN raw.reading AS reading USING (delivery_id)
JOIN reference.rule AS rule USING (rule)
ORDER BY
    rule.action_position,
    list_position(['critical', 'warning', 'info'], rule.severity),
    rule.position,
    finding.sheet_number, finding.source_row, finding.column_number, finding.public_message
