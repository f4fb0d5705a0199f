-- One row is a rank in a form.
-- Grain: response_id, rank.
-- Inputs: raw.priority, core.response.
SELECT
    response.response_id,
    priority.rank,
    priority.action_field
FROM raw.priority AS priority
JOIN core.response AS response USING (delivery_id, source_row)
