-- One row is a municipality or Kreis of the official list, if the operator has given one.
-- Grain: ags.
-- Inputs: the workbook of the setting official_list.
SELECT ags, name FROM loaded_official
