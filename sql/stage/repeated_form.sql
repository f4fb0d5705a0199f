-- One row is a form that says again what an earlier form of the file said: same municipality,
-- wave, role, years and department, begun within a day, and at least four in five of twenty or
-- more shared answers the same.
-- Grain: source_row.
-- Inputs: form, ags_reading, raw.answer, raw.comment.
WITH person AS (
    SELECT
        form.source_row,
        form.response_id_text,
        coalesce(ags_reading.ags, form.ags_text, form.municipality_text, '') AS ags_key,
        coalesce(form.wave_text, '') AS wave_key,
        form.respondent_role_text AS role_key,
        coalesce(form.years_text, '') AS years_key,
        coalesce(department.text, '') AS department_key,
        known_time(form.started_text) AS started_at
    FROM form
    LEFT JOIN ags_reading USING (ags_text)
    LEFT JOIN raw.comment AS department
        ON department.delivery_id = getvariable('delivery_id')
        AND department.source_row = form.source_row
        AND department.topic = 'department'
    WHERE form.is_submitted
        AND form.respondent_role_text IS NOT NULL
        AND (form.years_text IS NOT NULL OR department.text IS NOT NULL)
),
pair AS (
    SELECT earlier.source_row AS earlier_row, earlier.response_id_text, later.source_row
    FROM person AS earlier
    JOIN person AS later
        ON earlier.ags_key = later.ags_key
        AND earlier.wave_key = later.wave_key
        AND earlier.role_key = later.role_key
        AND earlier.years_key = later.years_key
        AND earlier.department_key = later.department_key
        AND (coalesce(earlier.started_at, TIMESTAMP '1980-01-01 00:00:00'), earlier.source_row)
            < (coalesce(later.started_at, TIMESTAMP '1980-01-01 00:00:00'), later.source_row)
        AND coalesce(later.started_at - earlier.started_at <= INTERVAL 1 DAY, true)
)
SELECT
    pair.source_row,
    arg_min(pair.response_id_text, pair.earlier_row) AS evidence
FROM pair
JOIN (
    SELECT
        pair.earlier_row,
        pair.source_row,
        count(*) AS n_shared,
        count(*) FILTER (mine.value IS NOT DISTINCT FROM theirs.value) AS n_same
    FROM pair
    JOIN raw.answer AS mine
        ON mine.delivery_id = getvariable('delivery_id') AND mine.source_row = pair.source_row
    JOIN raw.answer AS theirs
        ON theirs.delivery_id = getvariable('delivery_id')
        AND theirs.source_row = pair.earlier_row
        AND theirs.item_code = mine.item_code
    WHERE mine.value IS NOT NULL AND theirs.value IS NOT NULL
    GROUP BY pair.earlier_row, pair.source_row
) AS shared USING (earlier_row, source_row)
WHERE n_shared >= 20 AND n_same >= 0.8 * n_shared
GROUP BY pair.source_row
