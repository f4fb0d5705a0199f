-- One row is a workshop as the template names it.
-- Grain: delivery_id.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_workshop'))
