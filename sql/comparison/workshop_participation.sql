-- One row is an actor group over all workshops of a municipality, or several small ones together.
-- Grain: ags, actor_group.
-- A municipality whose numbers are not known has one row, without a group.
-- Inputs: disclosure.workshop_shown, disclosure.actor_group_shown, reference.actor_group.
WITH counted AS (
    SELECT
        ags,
        shown_group,
        sum(participations)::BIGINT AS participations
    FROM disclosure.actor_group_shown
    GROUP BY ags, shown_group
    HAVING sum(participations) > 0
)
SELECT
    held.ags,
    coalesce(counted.shown_group, 'not_stated') AS actor_group,
    CASE coalesce(counted.shown_group, 'not_stated')
        WHEN 'merged' THEN 'übrige Gruppen'
        WHEN 'not_stated' THEN 'nicht angegeben'
        ELSE named.label_de
    END AS label_de,
    held.is_synthetic,
    CASE
        WHEN held.is_withheld THEN 'confidential'
        WHEN counted.ags IS NULL THEN 'not_delivered'
    END AS withheld_because,
    held.n_workshops,
    held.n_workshops_counted,
    CASE WHEN NOT held.is_withheld THEN counted.participations END AS participations
FROM disclosure.workshop_shown AS held
LEFT JOIN counted USING (ags)
LEFT JOIN reference.actor_group AS named ON named.actor_group = counted.shown_group
