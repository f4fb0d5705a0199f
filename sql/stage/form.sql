-- One row is a form with its single-valued columns still as text, its times read, and how far it got.
-- Grain: form_id.
-- Inputs: key_text.
SELECT
    key_text.*,
    read_time(submitted_text) AS submitted_as_read,
    nullif(submitted_as_read, TIMESTAMP '1980-01-01 00:00:00') AS submitted_at,
    read_time(started_text) AS started_as_read,
    nullif(started_as_read, TIMESTAMP '1980-01-01 00:00:00') AS started_at,
    read_time(last_action_text) AS last_action_as_read,
    nullif(last_action_as_read, TIMESTAMP '1980-01-01 00:00:00') AS last_action_at,
    read_time(filled_on_text)::DATE AS filled_on,
    try_cast(last_page_text AS INTEGER) AS last_page,
    CASE
        WHEN finished_text IS NOT NULL
            THEN list_contains(getvariable('finished_cases'), lower(finished_text))
        WHEN submitted_text IS NOT NULL THEN true
        WHEN getvariable('has_submitted_at') THEN false
    END AS is_submitted,
    CASE
        WHEN finished_text IS NULL AND submitted_text IS NOT NULL THEN true
        WHEN list_contains(getvariable('finished_cases'), lower(finished_text))
            OR has_answered THEN true
        WHEN try_cast(last_page_text AS INTEGER) IS NOT NULL
            AND getvariable('selection_page') > 0
            THEN try_cast(last_page_text AS INTEGER) >= getvariable('selection_page')
    END AS has_reached_selection
FROM key_text
