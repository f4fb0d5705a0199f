-- One row is an action field or sub-theme in a group of similar municipalities and a wave.
-- Grain: wave, action_field, part_kind, part, peer_kind, peer_group.
-- Inputs: disclosure.figure, reference.peer_group.
WITH named AS (
    SELECT DISTINCT peer_kind, peer_group, label_de
    FROM reference.peer_group
    UNION ALL
    SELECT 'chosen', 'chosen', 'Kommunen, die das Feld gewählt haben'
)
SELECT
    figure.unit_kind AS peer_kind,
    figure.unit AS peer_group,
    named.label_de,
    figure.* EXCLUDE (unit_kind, unit, pairs_equal, pairs_within_one)
FROM disclosure.figure AS figure
JOIN named ON named.peer_kind = figure.unit_kind AND named.peer_group = figure.unit
WHERE figure.part_kind IN ('field', 'sub_theme')
