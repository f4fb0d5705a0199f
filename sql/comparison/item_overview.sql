-- One row is an item in a wave, over all municipalities that count.
-- Grain: wave, item_code.
-- Inputs: disclosure.figure, reference.item.
SELECT
    figure.part AS item_code,
    item.sub_theme,
    item.polarity,
    figure.* EXCLUDE (unit_kind, unit, part_kind, part, n_items, pairs_equal, pairs_within_one)
FROM disclosure.figure AS figure
JOIN reference.item AS item ON item.item_code = figure.part
WHERE figure.unit_kind = 'all' AND figure.part_kind = 'item'
