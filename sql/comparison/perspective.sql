-- One row is an action field in a municipality, seen by its administration and by its workshops.
-- Grain: ags, action_field.
-- The self-assessment is that of the last wave that began before the first workshop, else of the
-- latest. Two readings of different people at different times stand side by side: neither is the
-- other's measure, and no difference tells a cause.
-- Formulas: share_strength = n_strength / (n_strength + n_need); reading as perspective_reading says.
-- Inputs: comparison.action_field_score, comparison.workshop_contribution, core.workshop,
-- reference.wave, reference.action_field.
WITH first_workshop AS (
    SELECT ags, min(held_on) AS held_on
    FROM core.workshop
    GROUP BY ags
),
measured AS (
    SELECT score.ags, score.wave
    FROM (SELECT DISTINCT ags, wave FROM comparison.action_field_score) AS score
    JOIN reference.wave AS wave USING (wave)
    LEFT JOIN first_workshop USING (ags)
    QUALIFY row_number() OVER (
        PARTITION BY score.ags
        ORDER BY coalesce(wave.starts_on < first_workshop.held_on, false) DESC, wave.position DESC
    ) = 1
),
score AS (
    SELECT score.*
    FROM comparison.action_field_score AS score
    JOIN measured USING (ags, wave)
),
told AS (
    SELECT
        ags,
        action_field,
        bool_or(is_synthetic) AS is_synthetic,
        any_value(withheld_because) AS withheld_because,
        sum(n_contributions) FILTER (guiding_question = 'strength') AS n_strength,
        sum(n_contributions) FILTER (guiding_question = 'need') AS n_need,
        sum(n_contributions) FILTER (guiding_question = 'cooperation') AS n_cooperation,
        sum(points) AS points
    FROM comparison.workshop_contribution
    GROUP BY ags, action_field
),
municipality AS (
    SELECT ags FROM measured
    UNION
    SELECT ags FROM first_workshop
)
SELECT
    municipality.ags,
    field.action_field,
    coalesce(score.is_synthetic, false) OR coalesce(told.is_synthetic, false) AS is_synthetic,
    score.wave,
    CASE WHEN score.ags IS NULL THEN 'not_delivered' ELSE score.withheld_because END
        AS withheld_because,
    score.mean,
    score.n_respondents,
    score.answered_share,
    CASE WHEN told.ags IS NULL THEN 'not_delivered' ELSE told.withheld_because END
        AS workshop_withheld_because,
    told.n_strength::BIGINT AS n_strength,
    told.n_need::BIGINT AS n_need,
    told.n_cooperation::BIGINT AS n_cooperation,
    told.points::BIGINT AS points,
    told.n_strength / nullif(told.n_strength + told.n_need, 0) AS share_strength,
    perspective_reading(score.mean, told.n_strength, told.n_need) AS reading
FROM municipality
CROSS JOIN reference.action_field AS field
LEFT JOIN score ON score.ags = municipality.ags AND score.action_field = field.action_field
LEFT JOIN told ON told.ags = municipality.ags AND told.action_field = field.action_field
