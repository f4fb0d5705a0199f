-- One row is a free text of a form; it never leaves the internal warehouse.
-- Grain: response_id, topic, action_field.
-- Inputs: raw.comment, core.response.
SELECT
    response.response_id,
    comment.topic,
    comment.action_field,
    comment.text
FROM raw.comment AS comment
JOIN core.response AS response USING (delivery_id, source_row)
