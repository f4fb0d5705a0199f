-- One row is a form with how it was filled in, as far as its answers and times tell.
-- Grain: form_id.
-- Straight-lining: the same answer to all of 20 or more questions (Kim et al. 2019, Social Science
-- Computer Review 37: non-differentiation). Speeding: less than two seconds for each answer, 20 or
-- more answers (Huang et al. 2012, Journal of Business and Psychology 27).
-- Inputs: form, batch, answer_style.
SELECT
    form.form_id,
    CASE WHEN style.least = style.greatest THEN style.n_values::VARCHAR END AS straight_lined,
    CASE
        WHEN form.submitted_at >= form.started_at
            AND epoch(form.submitted_at - form.started_at) < 2 * style.n_values
            THEN epoch(form.submitted_at - form.started_at)::BIGINT::VARCHAR
                || ' Sekunden für ' || style.n_values || ' Antworten'
    END AS speeding
FROM answer_style AS style
JOIN batch USING (delivery_id)
JOIN form ON form.delivery = batch.delivery AND form.source_row = style.source_row
WHERE style.n_values >= 20
