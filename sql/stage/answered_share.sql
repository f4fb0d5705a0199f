-- One row is a file: its counted forms and the share of delivered questions of chosen fields that
-- have an explicit answer.
-- Grain: delivery_id.
-- Inputs: answer_style, raw.response.
SELECT
    style.delivery_id,
    count(*) FILTER (style.n_asked > 0) AS n_forms,
    sum(style.n_answered) / nullif(sum(style.n_asked), 0) AS share
FROM answer_style AS style
JOIN raw.response AS response USING (delivery_id, source_row)
WHERE coalesce(response.visit_only, response.test_case, response.test_entry) IS NULL
GROUP BY style.delivery_id
