-- One row is an actor group in a workshop.
-- Grain: delivery_id, sheet, source_row.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_participation'))
