-- One row is a cell that another one adds up: an item in its part, a municipality in its group.
-- Grain: the key of the total and the key of the cell.
-- Inputs: disclosure.cell, disclosure.part, disclosure.member, reference.item.
SELECT
    total.wave,
    total.action_field,
    total.unit_kind AS total_kind,
    total.unit AS total_unit,
    total.part_kind AS total_part_kind,
    total.part AS total_part,
    item.unit_kind,
    item.unit,
    item.part_kind,
    item.part
FROM disclosure.cell AS total
JOIN disclosure.cell AS item
    ON item.wave = total.wave
    AND item.action_field = total.action_field
    AND item.unit_kind = total.unit_kind
    AND item.unit = total.unit
    AND item.part_kind = 'item'
LEFT JOIN disclosure.part AS part
    ON part.ags = total.unit
    AND part.wave = total.wave
    AND part.part_kind = total.part_kind
    AND part.part = total.part
    AND part.item_code = item.part
JOIN reference.item AS asked ON asked.item_code = item.part
WHERE total.part_kind <> 'item'
    AND CASE total.unit_kind
        WHEN 'municipality' THEN part.item_code IS NOT NULL
        ELSE total.part_kind = 'field' OR asked.sub_theme = total.part
    END
UNION ALL
SELECT
    total.wave,
    total.action_field,
    total.unit_kind,
    total.unit,
    total.part_kind,
    total.part,
    cell.unit_kind,
    cell.unit,
    cell.part_kind,
    cell.part
FROM disclosure.cell AS total
JOIN disclosure.member AS member USING (wave, action_field, unit_kind, unit)
JOIN disclosure.cell AS cell
    ON cell.wave = total.wave
    AND cell.action_field = total.action_field
    AND cell.unit_kind = 'municipality'
    AND cell.unit = member.ags
    AND cell.part_kind = total.part_kind
    AND cell.part = total.part
