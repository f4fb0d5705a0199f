-- One row is an item in a municipality and wave, beside the municipality's other items.
-- Grain: ags, wave, item_code.
-- Inputs: disclosure.profile.
SELECT unit AS ags, * EXCLUDE (unit_kind, unit, n_municipalities)
FROM disclosure.profile
WHERE unit_kind = 'municipality'
