-- One row is a column of a survey tool that holds an item.
-- Grain: instrument_id, version, source_code.
-- Inputs: the mappings of the instruments, loaded as loaded_item_source.
SELECT * FROM loaded_item_source
