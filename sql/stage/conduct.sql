-- One row is a form with how it was filled in, as far as its answers and times tell.
-- Grain: source_row.
-- Straight-lining: the same answer to all of 20 or more questions (Kim et al. 2019, Social Science
-- Computer Review 37: non-differentiation). Speeding: less than two seconds for each answer, 20 or
-- more answers (Huang et al. 2012, Journal of Business and Psychology 27).
-- Inputs: form, raw.answer.
SELECT
    form.source_row,
    CASE WHEN min(answer.value) = max(answer.value) THEN count(answer.value)::VARCHAR END
        AS straight_lined,
    CASE
        WHEN any_value(form.finished_at) >= any_value(form.began_at)
            AND epoch(any_value(form.finished_at) - any_value(form.began_at))
                < 2 * count(answer.value)
            THEN epoch(any_value(form.finished_at) - any_value(form.began_at))::BIGINT::VARCHAR
                || ' Sekunden für ' || count(answer.value) || ' Antworten'
    END AS speeding
FROM (
    SELECT
        source_row,
        known_time(started_text) AS began_at,
        known_time(submitted_text) AS finished_at
    FROM form
) AS form
JOIN raw.answer AS answer
    ON answer.delivery_id = getvariable('delivery_id') AND answer.source_row = form.source_row
WHERE answer.value IS NOT NULL
GROUP BY form.source_row
HAVING count(answer.value) >= 20
