-- One row is a form with what its answers look like together.
-- Grain: delivery_id, source_row.
-- n_asked counts delivered questions of chosen fields, n_answered those of them with an explicit
-- answer; "don't know" is one.
-- Inputs: batch, raw.answer.
SELECT
    delivery_id,
    source_row,
    min(value) AS least,
    max(value) AS greatest,
    count(value) AS n_values,
    count(*) FILTER (missing_reason IS NULL OR missing_reason NOT IN ('not_chosen', 'not_delivered'))
        AS n_asked,
    count(*) FILTER (value IS NOT NULL OR missing_reason IN ('dont_know', 'not_applicable'))
        AS n_answered
FROM raw.answer
WHERE delivery_id IN (SELECT delivery_id FROM batch)
GROUP BY delivery_id, source_row
