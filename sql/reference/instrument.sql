-- One row is an instrument in a version.
-- Grain: instrument_id, version.
-- Inputs: the instruments of the reference folder, loaded as loaded_instrument.
SELECT * FROM loaded_instrument
