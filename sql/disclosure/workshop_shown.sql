-- One row is a municipality that held workshops, and whether what was said there may be told.
-- Grain: ags.
-- Inputs: core.workshop, core.participation, disclosure.actor_group_shown.
WITH held AS (
    SELECT
        workshop.ags,
        bool_or(workshop.is_synthetic) AS is_synthetic,
        count(*) AS n_workshops,
        count(*) FILTER (told.workshop_id IS NOT NULL) AS n_workshops_counted
    FROM core.workshop AS workshop
    LEFT JOIN (SELECT DISTINCT workshop_id FROM core.participation WHERE persons > 0) AS told
        USING (workshop_id)
    GROUP BY workshop.ags
)
SELECT
    *,
    ags IN (SELECT ags FROM disclosure.actor_group_shown WHERE is_withheld) AS is_withheld
FROM held
