-- One row is a column of a file and what it was taken for.
-- Grain: delivery_id, position.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_file_column'))
