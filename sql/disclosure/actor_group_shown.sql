-- One row is an actor group in the workshops of a municipality, and what it is shown as.
-- Grain: ags, actor_group.
-- Whoever comes to two workshops is counted in both. How many different people stand behind a
-- group is at least its number in the best attended workshop: that number has to be large enough.
-- A group that spoke and whose number is unknown may be small, so it counts as none.
-- Inputs: core.workshop, core.participation, core.contribution.
WITH attended AS (
    SELECT
        workshop.ags,
        participation.actor_group,
        sum(participation.persons)::BIGINT AS participations,
        max(participation.persons) AS persons
    FROM core.participation AS participation
    JOIN core.workshop AS workshop USING (workshop_id)
    WHERE participation.persons > 0
    GROUP BY workshop.ags, participation.actor_group
),
speaking AS (
    SELECT DISTINCT workshop.ags, contribution.actor_group
    FROM core.contribution AS contribution
    JOIN core.workshop AS workshop USING (workshop_id)
    WHERE contribution.actor_group IS NOT NULL
),
present AS (
    SELECT
        ags,
        actor_group,
        coalesce(attended.participations, 0) AS participations,
        coalesce(attended.persons, 0) AS persons
    FROM attended
    FULL JOIN speaking USING (ags, actor_group)
),
judged AS (
    SELECT
        *,
        sum(persons) OVER (PARTITION BY ags) BETWEEN 1 AND getvariable('min_respondents') - 1 AS is_withheld,
        is_merged(persons, ags, actor_group) AS is_merged
    FROM present
)
SELECT
    ags,
    actor_group,
    participations,
    persons,
    is_withheld,
    CASE WHEN is_withheld OR is_merged THEN 'merged' ELSE actor_group END AS shown_group
FROM judged
