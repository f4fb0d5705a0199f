-- One row is something noticed: at a place of a delivery, or about a delivery as a whole.
-- Grain: sender, delivery_id, number.
-- Inputs: raw.finding, raw.delivery, raw.response, raw.correction_use, core.response,
-- quality.expected_delivery, quality.correction,
-- reference.rule, reference.municipality, reference.official_municipality, reference.participant.
WITH about_delivery AS (
    -- What only shows beside other deliveries, the calendar or the corrections. Value and
    -- evidence are our own words here.
    SELECT
        NULL AS delivery_id,
        expected.ags AS sender,
        expected.kind,
        expected.wave,
        CASE expected.status WHEN 'overdue' THEN 'delivery_overdue' ELSE 'delivery_open' END AS rule,
        CASE expected.kind WHEN 'selfcheck' THEN 'Selbstcheck ' || expected.wave ELSE 'Workshop' END
            AS value,
        strftime(expected.due_on, '%d.%m.%Y') AS evidence
    FROM quality.expected_delivery AS expected
    WHERE expected.status IN ('open', 'overdue')
    UNION ALL
    SELECT
        newer.delivery_id,
        newer.sender,
        newer.kind,
        newer.wave,
        'rows_dropped',
        -- A number of people that is too small to be told is not told here either.
        told_rows(newer.kind, newer.rows_loaded),
        told_rows(older.kind, older.rows_loaded)
    FROM raw.delivery AS older
    JOIN raw.delivery AS newer ON newer.delivery_id = older.superseded_by
    WHERE newer.rows_loaded < 0.8 * older.rows_loaded
    QUALIFY row_number() OVER (PARTITION BY newer.delivery_id ORDER BY older.sequence DESC) = 1
    UNION ALL
    -- A file of several municipalities replaces the one before it, also where it is about others.
    SELECT
        newer.delivery_id,
        newer.sender,
        newer.kind,
        newer.wave,
        'municipalities_gone',
        array_to_string(list(gone.name ORDER BY gone.name)[:5], ', ')
        || CASE WHEN count(*) > 5 THEN ' und ' || (count(*) - 5) || ' weitere' ELSE '' END,
        NULL
    FROM (
        SELECT DISTINCT
            older.wave,
            older.part,
            municipality.label_de || ' (Welle ' || response.wave || ')' AS name
        FROM raw.delivery AS older
        JOIN raw.response AS response USING (delivery_id)
        JOIN reference.municipality AS municipality ON municipality.ags = response.ags
        WHERE older.status = 'superseded'
            AND older.sender = '_multi'
            AND NOT EXISTS (
                FROM core.response AS counted
                WHERE counted.ags = response.ags AND counted.wave = response.wave
            )
    ) AS gone
    JOIN raw.delivery AS newer
        ON newer.wave IS NOT DISTINCT FROM gone.wave
        AND newer.part = gone.part
    WHERE newer.status IN ('loaded', 'partly_quarantined')
        AND newer.sender = '_multi'
        AND newer.kind = 'selfcheck'
    GROUP BY newer.delivery_id, newer.sender, newer.kind, newer.wave
    UNION ALL
    SELECT
        delivery.delivery_id,
        delivery.sender,
        delivery.kind,
        delivery.wave,
        'response_delivered_again',
        CASE
            WHEN count(*) < getvariable('min_respondents')
                THEN 'Weniger als ' || getvariable('min_respondents')
            ELSE count(*)::VARCHAR
        END,
        NULL
    FROM raw.response AS response
    JOIN raw.delivery AS delivery USING (delivery_id)
    WHERE delivery.status IN ('loaded', 'partly_quarantined')
        AND NOT EXISTS (
            FROM core.response AS counted
            WHERE counted.delivery_id = response.delivery_id
                AND counted.source_row = response.source_row
        )
    GROUP BY delivery.delivery_id, delivery.sender, delivery.kind, delivery.wave
    UNION ALL
    SELECT
        NULL,
        response.ags,
        'selfcheck',
        response.wave,
        'few_responses',
        'die Welle ' || response.wave,
        getvariable('min_respondents')::VARCHAR
    FROM core.response AS response
    GROUP BY response.ags, response.wave
    HAVING count(*) FILTER (response.excluded_because IS NULL) < getvariable('min_respondents')
    UNION ALL
    -- A correction that a delivery lacked the row for has its finding there.
    SELECT
        NULL,
        'projektteam',
        NULL,
        NULL,
        'correction_unused',
        correction.correction,
        NULL
    FROM quality.correction AS correction
    WHERE correction.outcome = 'unused'
        AND correction.correction NOT IN (SELECT correction FROM raw.correction_use)
    UNION ALL
    SELECT
        NULL,
        'projektteam',
        NULL,
        NULL,
        CASE
            WHEN official.ags IS NULL THEN 'municipality_not_official'
            ELSE 'municipality_named_differently'
        END,
        municipality.ags,
        concat_ws(', amtlich ', municipality.label_de, official.name)
    FROM reference.municipality AS municipality
    LEFT JOIN reference.official_municipality AS official USING (ags)
    LEFT JOIN reference.participant AS participant ON participant.participant = municipality.ags
    WHERE EXISTS (FROM reference.official_municipality)
        AND participant.status IS DISTINCT FROM 'fictional'
        AND NOT coalesce(
            -- "Garbsen, Stadt" is Garbsen, and "Landkreis Dachau" stands there as "Dachau".
            contains(text_key(municipality.label_de), text_key(split_part(official.name, ',', 1))),
            false
        )
),
noticed AS (
    SELECT
        finding.delivery_id,
        delivery.sender,
        finding.ags,
        delivery.kind,
        delivery.wave,
        delivery.status <> 'superseded' AS is_current,
        finding.* EXCLUDE (delivery_id, ags)
    FROM raw.finding AS finding
    JOIN raw.delivery AS delivery USING (delivery_id)
    UNION ALL BY NAME
    SELECT
        about.delivery_id,
        about.sender,
        municipality.ags,
        about.kind,
        about.wave,
        true AS is_current,
        about.rule,
        rule.severity,
        about.value,
        about.value AS public_value,
        replace(replace(rule.says, '{value}', about.value), '{evidence}', coalesce(about.evidence, ''))
            AS message,
        message AS public_message
    FROM about_delivery AS about
    JOIN reference.rule AS rule USING (rule)
    LEFT JOIN reference.municipality AS municipality ON municipality.ags = about.sender
)
SELECT
    noticed.delivery_id,
    noticed.sender,
    row_number() OVER (
        PARTITION BY noticed.sender, noticed.delivery_id
        ORDER BY noticed.sheet_number, noticed.sheet, noticed.source_row, noticed.column_number,
            noticed.rule, noticed.value, noticed.message
    ) AS number,
    noticed.ags,
    noticed.kind,
    noticed.wave,
    noticed.is_current,
    noticed.rule,
    rule.topic,
    rule.action,
    noticed.severity,
    noticed.sheet,
    noticed.sheet_number,
    noticed.source_row,
    noticed.source_column,
    noticed.column_number,
    noticed.public_column,
    noticed.value,
    noticed.public_value,
    noticed.message,
    noticed.public_message
FROM noticed
JOIN reference.rule AS rule USING (rule)
