-- One row is a statement under a guiding question.
-- Grain: delivery_id, sheet, source_row.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_contribution'))
