-- One row is an actor group, or several small ones together, on an action field in a municipality.
-- Grain: ags, action_field, actor_group.
-- Inputs: core.contribution, core.workshop, disclosure.workshop_shown,
-- disclosure.actor_group_shown, reference.action_field, reference.actor_group.
WITH told AS (
    SELECT
        workshop.ags,
        contribution.action_field,
        contribution.guiding_question,
        contribution.points,
        coalesce(present.shown_group, 'not_stated') AS shown_group
    FROM core.contribution AS contribution
    JOIN core.workshop AS workshop USING (workshop_id)
    LEFT JOIN disclosure.actor_group_shown AS present
        ON present.ags = workshop.ags AND present.actor_group = contribution.actor_group
),
speaker AS (
    SELECT ags, shown_group FROM disclosure.actor_group_shown
    UNION
    SELECT told.ags, told.shown_group
    FROM told
    JOIN disclosure.workshop_shown AS held USING (ags)
    WHERE NOT held.is_withheld
),
counted AS (
    SELECT
        ags,
        action_field,
        shown_group,
        count(*) FILTER (guiding_question = 'strength') AS n_strength,
        count(*) FILTER (guiding_question = 'need') AS n_need,
        count(*) FILTER (guiding_question = 'cooperation') AS n_cooperation,
        sum(points)::BIGINT AS points
    FROM told
    GROUP BY ags, action_field, shown_group
)
SELECT
    held.ags,
    field.action_field,
    speaker.shown_group AS actor_group,
    CASE speaker.shown_group
        WHEN 'merged' THEN 'übrige Gruppen'
        WHEN 'not_stated' THEN 'nicht angegeben'
        ELSE named.label_de
    END AS label_de,
    held.is_synthetic,
    CASE WHEN held.is_withheld THEN 'confidential' END AS withheld_because,
    CASE WHEN NOT held.is_withheld THEN coalesce(counted.n_strength, 0) END AS n_strength,
    CASE WHEN NOT held.is_withheld THEN coalesce(counted.n_need, 0) END AS n_need,
    CASE WHEN NOT held.is_withheld THEN coalesce(counted.n_cooperation, 0) END AS n_cooperation,
    CASE WHEN NOT held.is_withheld THEN counted.points END AS points
FROM disclosure.workshop_shown AS held
JOIN speaker USING (ags)
CROSS JOIN reference.action_field AS field
LEFT JOIN counted
    ON counted.ags = held.ags
    AND counted.action_field = field.action_field
    AND counted.shown_group = speaker.shown_group
LEFT JOIN reference.actor_group AS named ON named.actor_group = speaker.shown_group
