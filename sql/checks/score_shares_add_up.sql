-- Offends: a field whose answered share and shares of missing reasons do not add up to one.
-- Says: Die Anteile eines Handlungsfelds ergeben zusammen nicht eins.
-- Inputs: comparison.action_field_score.
SELECT ags, wave, action_field
FROM comparison.action_field_score
WHERE abs(
    answered_share + share_not_chosen + share_not_delivered + share_not_reached + share_skipped
    + share_dont_know + share_not_applicable + share_invalid + share_unknown_reason - 1
) > 1e-9
