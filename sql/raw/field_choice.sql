-- One row is an action field in a form.
-- Grain: delivery_id, source_row, action_field.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_field_choice'))
