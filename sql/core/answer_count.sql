-- One row is a value or missing reason of an item in a municipality and wave.
-- Grain: ags, wave, item_code, value, missing_reason.
-- DuckDB and Spark both run this statement.
-- Inputs: core.answer, core.response.
SELECT
    response.ags,
    response.wave,
    answer.item_code,
    answer.value,
    answer.missing_reason,
    count(*) AS n
FROM core.answer AS answer
JOIN core.response AS response ON response.response_id = answer.response_id
WHERE response.excluded_because IS NULL
GROUP BY response.ags, response.wave, answer.item_code, answer.value, answer.missing_reason
