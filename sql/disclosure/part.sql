-- One row is an item in a part of an action field that has figures of its own.
-- Grain: ags, wave, part_kind, part, item_code.
-- A part is the item itself, its sub-theme, the whole field, or, in a municipality with several
-- waves, the items that were asked in a wave and in the one before.
-- Inputs: reference.item, reference.wave, shown.answer_count.
WITH asked AS (
    SELECT DISTINCT counts.ags, counts.wave, wave.position, counts.item_code
    FROM shown.answer_count AS counts
    JOIN reference.wave AS wave USING (wave)
    WHERE counts.missing_reason IS DISTINCT FROM 'not_delivered'
),
present AS (
    SELECT ags, wave, position, lag(wave) OVER (PARTITION BY ags ORDER BY position) AS wave_before
    FROM (SELECT DISTINCT ags, wave, position FROM asked)
),
kinds AS (
    SELECT item_code, action_field, 'item' AS part_kind, item_code AS part FROM reference.item
    UNION ALL
    SELECT item_code, action_field, 'sub_theme', sub_theme FROM reference.item WHERE sub_theme IS NOT NULL
    UNION ALL
    SELECT item_code, action_field, 'field', action_field FROM reference.item
)
SELECT DISTINCT present.ags, present.wave, kinds.action_field, kinds.part_kind, kinds.part, kinds.item_code
FROM present
CROSS JOIN kinds
UNION ALL
SELECT
    present.ags,
    unnest([present.wave_before, present.wave]) AS wave,
    item.action_field,
    'common' AS part_kind,
    present.wave_before || '-' || present.wave AS part,
    item.item_code
FROM present
JOIN asked AS later ON later.ags = present.ags AND later.wave = present.wave
JOIN asked AS earlier
    ON earlier.ags = present.ags
    AND earlier.wave = present.wave_before
    AND earlier.item_code = later.item_code
JOIN reference.item AS item ON item.item_code = later.item_code
