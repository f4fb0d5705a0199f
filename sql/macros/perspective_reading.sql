-- Gives how the self-assessment of an action field and what its workshops said stand to each other.
-- Rule: favourable is a mean above 2.5, the middle of the scale 1 to 4, and a share of strengths
-- above 0.5 of strengths and needs; critical is below. Exactly in the middle is mixed. Below 5
-- strengths and needs together, or without a mean, nothing is compared.
CREATE OR REPLACE TEMP MACRO perspective_reading(mean, n_strength, n_need) AS
    CASE
        WHEN mean IS NULL OR coalesce(n_strength + n_need, 0) < 5 THEN 'not_comparable'
        WHEN mean = 2.5 OR n_strength = n_need THEN 'mixed'
        WHEN mean > 2.5 AND n_strength > n_need THEN 'both_favourable'
        WHEN mean < 2.5 AND n_strength < n_need THEN 'both_critical'
        WHEN mean > 2.5 THEN 'contrast_selfcheck_better'
        ELSE 'contrast_workshop_better'
    END
