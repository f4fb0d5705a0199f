-- One row is a form of a delivery in force; a form delivered twice counts once, newest first.
-- Grain: response_id.
-- Inputs: raw.response, raw.delivery.
SELECT
    -- Forms typed into the template are numbered by hand; their part keeps the numbers apart.
    concat_ws(
        '/', response.ags, response.wave, delivery.instrument_id, nullif(delivery.part, 'whole'),
        response.source_response_id
    ) AS response_id,
    response.delivery_id,
    response.source_row,
    response.source_response_id,
    response.ags,
    response.wave,
    delivery.instrument_id,
    delivery.is_synthetic,
    response.is_submitted,
    response.last_page,
    response.submitted_at,
    response.started_at,
    response.filled_on,
    response.language,
    response.respondent_role,
    response.years_in_role,
    response.overall_value,
    response.overall_missing_reason,
    CASE
        WHEN response.test_case IS NOT NULL THEN 'test_case'
        WHEN response.visit_only IS NOT NULL THEN 'visit_only'
        WHEN response.test_entry IS NOT NULL THEN 'test_entry'
        WHEN response.repeats_response IS NOT NULL THEN 'double_submission'
    END AS excluded_because
FROM raw.response AS response
JOIN raw.delivery AS delivery USING (delivery_id)
WHERE delivery.status IN ('loaded', 'partly_quarantined')
QUALIFY row_number() OVER (
    PARTITION BY
        response.ags, response.wave, delivery.instrument_id, delivery.part, response.source_response_id
    ORDER BY delivery.sequence DESC
) = 1
