-- One row is an action field in a form.
-- Grain: response_id, action_field.
-- DuckDB and Spark both run this statement.
-- Inputs: raw.field_choice, core.response.
SELECT
    response.response_id,
    choice.action_field,
    choice.is_chosen,
    choice.missing_reason
FROM raw.field_choice AS choice
JOIN core.response AS response
    ON response.delivery_id = choice.delivery_id AND response.source_row = choice.source_row
