-- One row is an item in a form.
-- Grain: delivery_id, source_row, item_code.
-- A view in the build: core.answer alone holds the answers of the forms in force.
-- Inputs: the stage of every delivery.
SELECT * FROM read_parquet(getvariable('stage_answer'))
