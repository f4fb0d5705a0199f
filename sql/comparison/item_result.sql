-- One row is an item in a municipality and wave.
-- Grain: ags, wave, item_code.
-- Inputs: disclosure.figure, reference.item.
SELECT
    figure.unit AS ags,
    figure.part AS item_code,
    item.sub_theme,
    item.polarity,
    figure.* EXCLUDE (unit_kind, unit, part_kind, part, n_municipalities, n_items)
FROM disclosure.figure AS figure
JOIN reference.item AS item ON item.item_code = figure.part
WHERE figure.unit_kind = 'municipality' AND figure.part_kind = 'item'
