-- One row is a cell as it may be shown: with its counts, or withheld.
-- Grain: wave, action_field, unit_kind, unit, part_kind, part.
-- Inputs: disclosure.cell, disclosure.suppression.
SELECT
    cell.wave,
    cell.action_field,
    cell.unit_kind,
    cell.unit,
    cell.part_kind,
    cell.part,
    suppression.unit IS NOT NULL AS is_withheld,
    cell.is_synthetic,
    cell.n_municipalities,
    CASE WHEN suppression.unit IS NULL THEN cell.n_responses END AS n_responses,
    CASE WHEN suppression.unit IS NULL THEN cell.n_items END AS n_items,
    CASE WHEN suppression.unit IS NULL THEN cell.n_chosen END AS n_chosen,
    CASE WHEN suppression.unit IS NULL THEN cell.n_undecided END AS n_undecided,
    CASE WHEN suppression.unit IS NULL THEN cell.n_respondents END AS n_respondents,
    CASE WHEN suppression.unit IS NULL THEN cell.n_1 END AS n_1,
    CASE WHEN suppression.unit IS NULL THEN cell.n_2 END AS n_2,
    CASE WHEN suppression.unit IS NULL THEN cell.n_3 END AS n_3,
    CASE WHEN suppression.unit IS NULL THEN cell.n_4 END AS n_4,
    CASE WHEN suppression.unit IS NULL THEN cell.n_not_chosen END AS n_not_chosen,
    CASE WHEN suppression.unit IS NULL THEN cell.n_not_delivered END AS n_not_delivered,
    CASE WHEN suppression.unit IS NULL THEN cell.n_not_reached END AS n_not_reached,
    CASE WHEN suppression.unit IS NULL THEN cell.n_skipped END AS n_skipped,
    CASE WHEN suppression.unit IS NULL THEN cell.n_dont_know END AS n_dont_know,
    CASE WHEN suppression.unit IS NULL THEN cell.n_not_applicable END AS n_not_applicable,
    CASE WHEN suppression.unit IS NULL THEN cell.n_invalid END AS n_invalid,
    CASE WHEN suppression.unit IS NULL THEN cell.n_unknown_reason END AS n_unknown_reason
FROM disclosure.cell AS cell
LEFT JOIN disclosure.suppression AS suppression
    USING (wave, action_field, unit_kind, unit, part_kind, part)
