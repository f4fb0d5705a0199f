-- One row is a correction that a person decided on.
-- Grain: correction.
-- Inputs: corrections.yml of the reference folder, loaded as loaded_correction.
SELECT * FROM loaded_correction
