-- One row is a municipality that counts in a group, for an action field and wave.
-- Grain: wave, action_field, unit_kind, ags.
-- The group `chosen` holds the municipalities where at least half of the forms that decided chose
-- the field.
-- Inputs: reference.peer_group, shown.block, shown.response_field.
WITH field AS (
    SELECT
        ags,
        wave,
        action_field,
        avg(is_chosen::INTEGER) >= 0.5 AS is_chosen
    FROM shown.response_field
    GROUP BY ags, wave, action_field
)
SELECT field.wave, field.action_field, peer.peer_kind AS unit_kind, peer.peer_group AS unit, field.ags
FROM field
JOIN reference.peer_group AS peer USING (ags)
JOIN shown.block AS block USING (ags, wave)
WHERE peer.is_counted AND block.is_compared
UNION ALL
SELECT field.wave, field.action_field, 'chosen', 'chosen', field.ags
FROM field
JOIN reference.peer_group AS peer ON peer.ags = field.ags AND peer.peer_kind = 'all'
JOIN shown.block AS block ON block.ags = field.ags AND block.wave = field.wave
WHERE peer.is_counted AND block.is_compared AND field.is_chosen
