-- One row is a value or missing reason of an item in a municipality and wave.
-- Grain: ags, wave, item_code, value, missing_reason.
-- Inputs: core.answer, core.response.
SELECT
    response.ags,
    response.wave,
    answer.item_code,
    answer.value,
    answer.missing_reason,
    count(*) AS n
FROM core.answer AS answer
JOIN core.response AS response USING (response_id)
WHERE response.excluded_because IS NULL
GROUP BY response.ags, response.wave, answer.item_code, answer.value, answer.missing_reason
