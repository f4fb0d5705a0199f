-- One row is a filled-in form of a file.
-- Grain: delivery_id, source_row.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_response'))
