-- One row is something noticed at a place of a file.
-- Grain: delivery_id, rule, sheet, source_row, source_column, column_number, value, message.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_finding'))
