-- One row is two forms of a file that name the same municipality, wave, role, years and department,
-- the later begun within a day of the earlier. Where one of the beginnings is not known, it counts as
-- 1980 and as within a day.
-- Grain: earlier_id, later_id.
-- Inputs: form, batch, ags_reading, raw.comment.
WITH person AS (
    SELECT
        form.form_id,
        form.started_at,
        coalesce(form.started_at, TIMESTAMP '1980-01-01 00:00:00') AS begun_at,
        -- Only the same or the next day can be within a day.
        form.started_at::DATE AS started_on,
        (
            form.delivery,
            coalesce(ags_reading.ags, form.ags_text, form.municipality_text, ''),
            coalesce(form.wave_text, ''),
            form.respondent_role_text,
            coalesce(form.years_text, ''),
            coalesce(department.text, '')
        ) AS says
    FROM form
    JOIN batch USING (delivery)
    LEFT JOIN ags_reading USING (ags_text)
    LEFT JOIN raw.comment AS department
        ON department.delivery_id = batch.delivery_id
        AND department.source_row = form.source_row
        AND department.topic = 'department'
    WHERE form.is_submitted
        AND form.respondent_role_text IS NOT NULL
        AND (form.years_text IS NOT NULL OR department.text IS NOT NULL)
),
-- Each form stands under its day and under the next one.
begun AS (
    SELECT form_id, says, started_at, started_on + nights::INTEGER AS day
    FROM person
    CROSS JOIN range(2) AS after (nights)
    WHERE started_at IS NOT NULL
),
undated AS (
    SELECT * FROM person WHERE started_at IS NULL
)
SELECT earlier.form_id AS earlier_id, later.form_id AS later_id
FROM begun AS earlier
JOIN person AS later
    ON later.says = earlier.says
    AND later.started_on = earlier.day
    AND (earlier.started_at, earlier.form_id) < (later.started_at, later.form_id)
    AND later.started_at - earlier.started_at <= INTERVAL 1 DAY
UNION ALL
SELECT earlier.form_id, later.form_id
FROM undated AS earlier
JOIN person AS later
    ON later.says = earlier.says
    AND (earlier.begun_at, earlier.form_id) < (later.begun_at, later.form_id)
UNION ALL
SELECT earlier.form_id, later.form_id
FROM person AS earlier
JOIN undated AS later
    ON later.says = earlier.says
    AND (earlier.begun_at, earlier.form_id) < (later.begun_at, later.form_id)
WHERE earlier.started_at IS NOT NULL
