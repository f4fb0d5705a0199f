-- One row is a row or file that was not loaded.
-- Grain: delivery_id, sheet, source_row.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_quarantine'))
