-- One row is an item in a wave, over all municipalities that count.
-- Grain: wave, item_code.
-- Inputs: disclosure.figure, reference.item, shown.response.
WITH origin AS (
    SELECT wave, bool_or(is_synthetic) AS is_synthetic
    FROM shown.response
    GROUP BY wave
)
SELECT
    figure.part AS item_code,
    item.sub_theme,
    item.polarity,
    origin.is_synthetic,
    figure.* EXCLUDE (unit_kind, unit, part_kind, part, n_items, pairs_equal, pairs_within_one)
FROM disclosure.figure AS figure
JOIN reference.item AS item ON item.item_code = figure.part
JOIN origin ON origin.wave = figure.wave
WHERE figure.unit_kind = 'all' AND figure.part_kind = 'item'
