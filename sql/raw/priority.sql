-- One row is a rank in a form.
-- Grain: delivery_id, source_row, rank.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_priority'))
