-- One row is the file: its counted forms and the share of delivered questions of chosen fields
-- that have an explicit answer; "don't know" is one.
-- Grain: none.
-- Inputs: raw.answer, raw.response.
SELECT
    count(DISTINCT answer.source_row) AS n_forms,
    count(*) FILTER (answer.value IS NOT NULL OR answer.missing_reason IN ('dont_know', 'not_applicable'))
        / nullif(count(*), 0) AS share
FROM raw.answer AS answer
JOIN raw.response AS response USING (delivery_id, source_row)
WHERE answer.delivery_id = getvariable('delivery_id')
    AND coalesce(response.visit_only, response.test_case, response.test_entry) IS NULL
    AND coalesce(answer.missing_reason, '') NOT IN ('not_chosen', 'not_delivered')
