-- One row is a municipality in a wave, with what has changed since the release before.
-- Grain: ags, wave.
-- Formula: n_changed = the greater of forms that came and forms that went, where a form whose
-- content changed does both. From 1 to min_respondents - 1 changed forms the block stays as it
-- was last shown: the difference of two releases would else show what so few people answered.
-- Blocks of fewer than min_respondents forms are not compared at all.
-- Inputs: core.response, core.respondent_department, core.response_field.
WITH form AS (
    SELECT true AS is_now, response.response_id, response.ags, response.wave,
        response.respondent_role, department.department_group
    FROM core.response AS response
    JOIN core.respondent_department AS department USING (response_id)
    WHERE response.excluded_because IS NULL
    UNION ALL
    SELECT false, response_id, ags, wave, respondent_role, department_group
    FROM before_response
),
said AS (
    SELECT true AS is_now, response_id, action_field, is_chosen, answers
    FROM core.response_field
    UNION ALL
    SELECT false, response_id, action_field, is_chosen, answers
    FROM before_response_field
),
whole AS (
    SELECT
        form.ags,
        form.wave,
        form.is_now,
        form.respondent_role,
        form.department_group,
        string_agg(
            said.action_field || ' ' || coalesce(said.is_chosen::VARCHAR, '?') || ' ' || said.answers,
            ' | ' ORDER BY said.action_field
        ) AS content
    FROM form
    JOIN said USING (is_now, response_id)
    GROUP BY form.ags, form.wave, form.is_now, form.respondent_role, form.department_group, form.response_id
),
-- Forms with the same content are interchangeable: of each content some came or some went.
alike AS (
    SELECT
        ags,
        wave,
        count(*) FILTER (is_now) AS n_now,
        count(*) FILTER (NOT is_now) AS n_before
    FROM whole
    GROUP BY ags, wave, respondent_role, department_group, content
),
changed AS (
    SELECT
        ags,
        wave,
        sum(n_now)::BIGINT AS n_now,
        sum(n_before)::BIGINT AS n_before,
        greatest(sum(greatest(n_now - n_before, 0)), sum(greatest(n_before - n_now, 0)))::BIGINT AS n_changed
    FROM alike
    GROUP BY ags, wave
),
decided AS (
    SELECT
        *,
        n_before > 0 AND n_changed BETWEEN 1 AND getvariable('min_respondents') - 1 AS is_kept
    FROM changed
)
SELECT
    *,
    CASE WHEN is_kept THEN n_before ELSE n_now END AS n_responses,
    CASE WHEN is_kept THEN n_before ELSE n_now END >= getvariable('min_respondents') AS is_compared
FROM decided
