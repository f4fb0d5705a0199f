-- One row is an action field in a form.
-- Grain: delivery_id, source_row, action_field.
-- Inputs: chosen_field, batch.
SELECT
    batch.delivery_id,
    chosen.source_row,
    chosen.source_code,
    chosen.action_field,
    chosen.is_chosen,
    chosen.missing_reason,
    chosen.invalid_value
FROM chosen_field AS chosen
JOIN batch USING (delivery)
