-- One row is a free text of a form.
-- Grain: delivery_id, source_row, source_code.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_comment'))
