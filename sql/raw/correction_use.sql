-- One row is a place of a delivery that a correction is about, and what became of it there.
-- Grain: delivery_id, correction, sheet, source_row, source_column.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_correction_use'))
