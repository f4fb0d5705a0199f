-- One row is a municipality with the steps it has taken and their dates.
-- Grain: ags.
-- Formula: duration_days = day of the last workshop - first day of the first wave delivered. No
-- date is a person's: of a self-check only the wave is told.
-- Inputs: reference.municipality, reference.wave, reference.dialogue, core.response, core.workshop,
-- core.measure.
WITH delivered AS (
    SELECT
        response.ags,
        arg_min(wave.wave, wave.position) AS first_wave,
        arg_min(wave.starts_on, wave.position) AS first_wave_starts_on,
        bool_or(response.is_synthetic) AS is_synthetic
    FROM core.response AS response
    JOIN reference.wave AS wave USING (wave)
    WHERE response.excluded_because IS NULL
    GROUP BY response.ags
),
held AS (
    SELECT
        ags,
        count(*) AS n_workshops,
        min(held_on) AS first_workshop_on,
        min(held_on) FILTER (ordinal = 2) AS follow_up_on,
        max(held_on) AS last_workshop_on,
        bool_or(is_synthetic) AS is_synthetic
    FROM core.workshop
    GROUP BY ags
),
agreed AS (
    SELECT workshop.ags, min(workshop.held_on) AS first_measures_on, count(*) AS n_measures
    FROM core.measure AS measure
    JOIN core.workshop AS workshop USING (workshop_id)
    GROUP BY workshop.ags
),
dialogue AS (
    SELECT ags, min(held_on) AS dialogue_on
    FROM reference.dialogue
    GROUP BY ags
)
SELECT
    municipality.ags,
    coalesce(delivered.is_synthetic, false) OR coalesce(held.is_synthetic, false) AS is_synthetic,
    CASE
        WHEN agreed.ags IS NOT NULL THEN 'measures'
        WHEN held.n_workshops > 1 THEN 'follow_up'
        WHEN held.n_workshops = 1 THEN 'workshop'
        WHEN delivered.ags IS NOT NULL THEN 'selfcheck'
        ELSE 'none'
    END AS process_step,
    delivered.first_wave,
    delivered.first_wave_starts_on,
    held.first_workshop_on,
    held.follow_up_on,
    agreed.first_measures_on,
    dialogue.dialogue_on,
    coalesce(held.n_workshops, 0) AS n_workshops,
    coalesce(agreed.n_measures, 0) AS n_measures,
    CASE
        WHEN held.last_workshop_on >= delivered.first_wave_starts_on
            THEN held.last_workshop_on - delivered.first_wave_starts_on
    END AS duration_days
FROM reference.municipality AS municipality
LEFT JOIN delivered USING (ags)
LEFT JOIN held USING (ags)
LEFT JOIN agreed USING (ags)
LEFT JOIN dialogue USING (ags)
