-- One row is an agreed measure.
-- Grain: delivery_id, sheet, source_row.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_measure'))
