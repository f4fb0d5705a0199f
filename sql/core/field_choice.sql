-- One row is an action field in a form.
-- Grain: response_id, action_field.
-- Inputs: raw.field_choice, core.response.
SELECT
    response.response_id,
    choice.action_field,
    choice.is_chosen,
    choice.missing_reason
FROM raw.field_choice AS choice
JOIN core.response AS response USING (delivery_id, source_row)
