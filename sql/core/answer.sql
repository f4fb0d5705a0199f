-- One row is an item in a form: a value, or the reason why there is none.
-- Grain: response_id, item_code.
-- Inputs: raw.answer, core.response.
SELECT
    response.response_id,
    answer.item_code,
    answer.value,
    answer.missing_reason
FROM raw.answer AS answer
JOIN core.response AS response USING (delivery_id, source_row)
