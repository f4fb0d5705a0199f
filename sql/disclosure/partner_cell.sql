-- One row is a cell of a group as a municipality may see it: with its counts, maybe of an earlier state.
-- Grain: wave, action_field, unit_kind, unit, part_kind, part.
-- Which groups, and in which state, is found by weltoffen_etl/disclosure: neither a sum nor the
-- difference of two, today's or earlier ones, may tell one municipality apart.
-- Inputs: disclosure.open_cell.
SELECT
    cell.wave,
    cell.action_field,
    cell.unit_kind,
    cell.unit,
    cell.part_kind,
    cell.part,
    told.unit IS NULL AS is_withheld,
    cell.is_synthetic,
    coalesce(told.n_municipalities, cell.n_municipalities) AS n_municipalities,
    told.n_responses,
    told.n_items,
    told.n_chosen,
    told.n_undecided,
    told.n_respondents,
    told.n_1,
    told.n_2,
    told.n_3,
    told.n_4,
    told.n_not_chosen,
    told.n_not_delivered,
    told.n_not_reached,
    told.n_skipped,
    told.n_dont_know,
    told.n_not_applicable,
    told.n_invalid,
    told.n_unknown_reason
FROM disclosure.open_cell AS cell
LEFT JOIN loaded_partner_cell AS told USING (wave, action_field, unit_kind, unit, part_kind, part)
WHERE cell.unit_kind <> 'municipality'
