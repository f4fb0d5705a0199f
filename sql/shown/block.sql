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
    SELECT true AS is_now, * EXCLUDE (n_items, n_answers) FROM core.response_field
    UNION ALL BY NAME
    SELECT false AS is_now, * EXCLUDE (n_items, n_answers) FROM before_response_field
),
-- Where a block is new or gone, all of its forms have come or went, whatever they say.
compared AS (
    SELECT ags, wave, count(DISTINCT is_now) = 2 AS is_compared
    FROM form
    GROUP BY ags, wave
),
-- What a form says, in sixteen bytes: lists of what millions of forms say do not fit into memory.
whole AS (
    SELECT
        said.is_now,
        said.response_id,
        bit_xor(
            md5_number(
                row(said.action_field, said.is_chosen, said.asked, said.code_1, said.code_2, said.code_4, said.code_8)::VARCHAR
            )
        ) FILTER (compared.is_compared) AS content
    FROM said
    JOIN compared USING (ags, wave)
    GROUP BY said.is_now, said.response_id
),
-- Forms with the same content are interchangeable: of each content some came or some went.
alike AS (
    SELECT
        ags,
        wave,
        count(*) FILTER (is_now) AS n_now,
        count(*) FILTER (NOT is_now) AS n_before
    FROM form
    JOIN whole USING (is_now, response_id)
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
