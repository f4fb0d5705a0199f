-- One row is a municipality in a wave, with what has changed since the release before.
-- Grain: ags, wave.
-- Formula: n_changed = the greater of forms that came and forms that went, where a form whose
-- content changed does both. From 1 to min_respondents - 1 changed forms the block stays as it
-- was last shown: the difference of two releases would else show what so few people answered.
-- Blocks of fewer than min_respondents forms are not compared at all.
-- Inputs: core.response, core.respondent_department, core.response_field.
WITH now_content AS (
    SELECT
        response.ags,
        response.wave,
        response.response_id,
        any_value(response.respondent_role) AS respondent_role,
        any_value(department.department_group) AS department_group,
        string_agg(
            field.action_field || ' ' || coalesce(field.is_chosen::VARCHAR, '?') || ' ' || field.answers,
            ' | ' ORDER BY field.action_field
        ) AS content
    FROM core.response AS response
    JOIN core.respondent_department AS department USING (response_id)
    JOIN core.response_field AS field USING (response_id)
    WHERE response.excluded_because IS NULL
    GROUP BY response.ags, response.wave, response.response_id
),
before_content AS (
    SELECT
        response.ags,
        response.wave,
        response.response_id,
        any_value(response.respondent_role) AS respondent_role,
        any_value(response.department_group) AS department_group,
        string_agg(
            field.action_field || ' ' || coalesce(field.is_chosen::VARCHAR, '?') || ' ' || field.answers,
            ' | ' ORDER BY field.action_field
        ) AS content
    FROM before_response AS response
    JOIN before_response_field AS field USING (response_id)
    GROUP BY response.ags, response.wave, response.response_id
),
came AS (
    SELECT ags, wave, count(*) AS n
    FROM (
        SELECT ags, wave, respondent_role, department_group, content FROM now_content
        EXCEPT ALL
        SELECT ags, wave, respondent_role, department_group, content FROM before_content
    )
    GROUP BY ags, wave
),
went AS (
    SELECT ags, wave, count(*) AS n
    FROM (
        SELECT ags, wave, respondent_role, department_group, content FROM before_content
        EXCEPT ALL
        SELECT ags, wave, respondent_role, department_group, content FROM now_content
    )
    GROUP BY ags, wave
),
counted AS (
    SELECT
        ags,
        wave,
        count(*) FILTER (is_now) AS n_now,
        count(*) FILTER (NOT is_now) AS n_before
    FROM (
        SELECT ags, wave, true AS is_now FROM now_content
        UNION ALL
        SELECT ags, wave, false AS is_now FROM before_content
    )
    GROUP BY ags, wave
),
changed AS (
    SELECT
        counted.*,
        greatest(coalesce(came.n, 0), coalesce(went.n, 0)) AS n_changed
    FROM counted
    LEFT JOIN came USING (ags, wave)
    LEFT JOIN went USING (ags, wave)
)
SELECT
    *,
    n_before > 0 AND n_changed BETWEEN 1 AND getvariable('min_respondents') - 1 AS is_kept,
    CASE
        WHEN n_before > 0 AND n_changed BETWEEN 1 AND getvariable('min_respondents') - 1 THEN n_before
        ELSE n_now
    END AS n_responses,
    CASE
        WHEN n_before > 0 AND n_changed BETWEEN 1 AND getvariable('min_respondents') - 1 THEN n_before
        ELSE n_now
    END >= getvariable('min_respondents') AS is_compared
FROM changed
