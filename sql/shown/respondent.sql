-- One row is a form whose role and department are counted, over all municipalities of its wave.
-- Grain: response_id.
-- If from one release to the next only one municipality came in, the difference would be the roles
-- in that municipality, and a role there can be one person. So a wave that was told before stays
-- as it was until min_municipalities of its municipalities have changed.
-- Inputs: shown.response, reference.peer_group.
WITH now_content AS (
    SELECT wave, ags, respondent_role, department_group FROM shown.response
),
before_content AS (
    SELECT wave, ags, respondent_role, department_group FROM before_respondent
),
changed AS (
    SELECT wave, count(DISTINCT ags) AS n_municipalities
    FROM (
        (FROM now_content EXCEPT ALL FROM before_content)
        UNION ALL
        (FROM before_content EXCEPT ALL FROM now_content)
    )
    GROUP BY wave
),
told_before AS (
    SELECT before.wave
    FROM before_respondent AS before
    JOIN reference.peer_group AS peer ON peer.ags = before.ags AND peer.peer_kind = 'all'
    WHERE peer.is_counted
    GROUP BY before.wave
    HAVING count(DISTINCT before.ags) >= getvariable('min_municipalities')
),
kept AS (
    SELECT wave
    FROM told_before
    JOIN changed USING (wave)
    WHERE changed.n_municipalities < getvariable('min_municipalities')
)
SELECT response_id, ags, wave, is_synthetic, respondent_role, department_group
FROM shown.response
WHERE wave NOT IN (SELECT wave FROM kept)
UNION ALL BY NAME
SELECT before.*
FROM before_respondent AS before
WHERE before.wave IN (SELECT wave FROM kept)
