-- One row is a role or a group of departments in a wave, over all municipalities, and what it is shown as.
-- Grain: wave, group_kind, respondent_group.
-- Never by municipality: the role in a municipality can be one person. So a wave of too few
-- municipalities is withheld as a whole. Municipalities that take part as members of a Kreis are
-- not counted beside it, but their forms are: forms are people.
-- Inputs: shown.respondent, reference.peer_group.
WITH form AS (
    SELECT wave, is_synthetic, 'role' AS group_kind, coalesce(respondent_role, 'not_stated') AS respondent_group
    FROM shown.respondent
    UNION ALL
    SELECT wave, is_synthetic, 'department', coalesce(department_group, 'not_stated')
    FROM shown.respondent
),
counted AS (
    SELECT wave, group_kind, respondent_group, count(*) AS n
    FROM form
    GROUP BY wave, group_kind, respondent_group
),
whole AS (
    SELECT
        respondent.wave,
        bool_or(respondent.is_synthetic) AS is_synthetic,
        count(*) AS n_responses,
        count(DISTINCT respondent.ags) FILTER (peer.is_counted) AS n_municipalities
    FROM shown.respondent AS respondent
    JOIN reference.peer_group AS peer ON peer.ags = respondent.ags AND peer.peer_kind = 'all'
    GROUP BY respondent.wave
),
judged AS (
    SELECT
        *,
        CASE
            WHEN n_responses < getvariable('min_respondents') THEN 'confidential'
            WHEN n_municipalities < getvariable('min_municipalities') THEN 'too_few_municipalities'
        END AS withheld_because
    FROM whole
)
SELECT
    counted.wave,
    counted.group_kind,
    counted.respondent_group,
    counted.n,
    CASE
        WHEN judged.withheld_because IS NOT NULL
            OR is_merged(counted.n, counted.wave || ' ' || counted.group_kind, counted.respondent_group)
            THEN 'merged'
        ELSE counted.respondent_group
    END AS shown_group,
    judged.is_synthetic,
    judged.n_municipalities,
    judged.n_responses,
    judged.withheld_because
FROM counted
JOIN judged USING (wave)
