-- One row is a cell that is withheld, and whether for itself or for another one's sake.
-- Grain: wave, action_field, unit_kind, unit, part_kind, part.
-- What is withheld is found by weltoffen_etl/disclosure from the cells and their sums.
-- Inputs: disclosure.cell, disclosure.relation.
SELECT
    cell.wave,
    cell.action_field,
    cell.unit_kind,
    cell.unit,
    cell.part_kind,
    cell.part,
    withheld.is_primary,
    (
        SELECT count(*)
        FROM disclosure.relation AS relation
        WHERE relation.wave = cell.wave
            AND relation.action_field = cell.action_field
            AND relation.unit_kind = cell.unit_kind
            AND relation.unit = cell.unit
            AND relation.part_kind = cell.part_kind
            AND relation.part = cell.part
    ) AS n_sums
FROM disclosure.cell AS cell
JOIN loaded_suppression AS withheld USING (wave, action_field, unit_kind, unit, part_kind, part)
