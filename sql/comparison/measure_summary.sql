-- One row is a status of measures in an action field of a municipality.
-- Grain: ags, action_field, measure_status.
-- Who is responsible is free text, which can name somebody: only its kind is counted. The first
-- pattern that fits decides.
-- Inputs: core.measure, core.workshop, reference.responsible_kind.
WITH judged AS (
    SELECT
        measure.measure_id,
        CASE
            WHEN coalesce(text_key(measure.responsible), '') = '' THEN 'not_stated'
            ELSE coalesce(arg_min(kind.responsible_kind, kind.position), 'other')
        END AS responsible_kind
    FROM core.measure AS measure
    LEFT JOIN reference.responsible_kind AS kind
        ON regexp_matches(text_key(measure.responsible), kind.pattern)
    GROUP BY measure.measure_id, measure.responsible
)
SELECT
    workshop.ags,
    measure.action_field,
    coalesce(measure.measure_status, 'not_stated') AS measure_status,
    bool_or(workshop.is_synthetic) AS is_synthetic,
    count(*) AS n_measures,
    count(*) FILTER (is_overdue(measure.due_on, measure.measure_status)) AS n_overdue,
    count(*) FILTER (measure.due_on IS NULL) AS n_without_due_date,
    count(*) FILTER (judged.responsible_kind = 'administration') AS n_administration,
    count(*) FILTER (judged.responsible_kind = 'politics') AS n_politics,
    count(*) FILTER (judged.responsible_kind = 'civil_society') AS n_civil_society,
    count(*) FILTER (judged.responsible_kind = 'business') AS n_business,
    count(*) FILTER (judged.responsible_kind = 'other') AS n_other,
    count(*) FILTER (judged.responsible_kind = 'not_stated') AS n_not_stated
FROM core.measure AS measure
JOIN core.workshop AS workshop USING (workshop_id)
JOIN judged USING (measure_id)
GROUP BY workshop.ags, measure.action_field, coalesce(measure.measure_status, 'not_stated')
