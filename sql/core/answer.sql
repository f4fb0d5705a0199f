-- One row is an item in a form: a value, or the reason why there is none.
-- Grain: response_id, item_code.
-- DuckDB and Spark both run this statement.
-- Inputs: raw.answer, core.response.
SELECT
    response.response_id,
    answer.item_code,
    answer.value,
    answer.missing_reason
FROM raw.answer AS answer
JOIN core.response AS response
    ON response.delivery_id = answer.delivery_id AND response.source_row = answer.source_row
