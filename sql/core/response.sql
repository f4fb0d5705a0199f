-- One row is a form of a delivery in force; a form delivered twice counts once, newest first.
-- Grain: response_id.
-- DuckDB and Spark both run this statement.
-- Inputs: raw.response, raw.delivery.
WITH delivered AS (
    SELECT
        response.*,
        delivery.instrument_id,
        delivery.is_synthetic,
        delivery.part,
        row_number() OVER (
            PARTITION BY
                response.ags, response.wave, delivery.instrument_id, delivery.part, response.source_response_id
            ORDER BY delivery.sequence DESC
        ) AS copy
    FROM raw.response AS response
    JOIN raw.delivery AS delivery ON delivery.delivery_id = response.delivery_id
    WHERE delivery.status IN ('loaded', 'partly_quarantined')
)
SELECT
    -- Forms typed into the template are numbered by hand; their part keeps the numbers apart.
    concat_ws('/', ags, wave, instrument_id, nullif(part, 'whole'), source_response_id) AS response_id,
    delivery_id,
    source_row,
    source_response_id,
    ags,
    wave,
    instrument_id,
    is_synthetic,
    is_submitted,
    last_page,
    submitted_at,
    started_at,
    filled_on,
    language,
    respondent_role,
    years_in_role,
    overall_value,
    overall_missing_reason,
    CASE
        WHEN test_case IS NOT NULL THEN 'test_case'
        WHEN visit_only IS NOT NULL THEN 'visit_only'
        WHEN test_entry IS NOT NULL THEN 'test_entry'
        WHEN repeats_response IS NOT NULL THEN 'double_submission'
    END AS excluded_because
FROM delivered
WHERE copy = 1
