-- One row is an item in a wave over all municipalities, beside the other items; each answer counts alike.
-- Grain: wave, item_code.
-- Inputs: disclosure.profile.
SELECT * EXCLUDE (unit_kind, unit)
FROM disclosure.profile
WHERE unit_kind = 'all'
