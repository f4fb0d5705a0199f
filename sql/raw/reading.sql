-- One row is a delivery and what was found in it.
-- Grain: delivery_id.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_reading'))
