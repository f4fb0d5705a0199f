-- One row is an item in a wave over all municipalities, beside the other items.
-- Grain: wave, item_code.
-- By the rule of comparison.item_profile: reference_mean = mean of the means of the other items, of
-- action fields that at least half of the forms chose; a strength (weakness) is an item whose 95 %
-- t-interval lies wholly above (below) it. Answers of all municipalities count alike.
-- Inputs: disclosure.figure.
WITH item AS (
    SELECT
        wave,
        part AS item_code,
        action_field,
        is_synthetic,
        withheld_because,
        n_municipalities,
        n_answers,
        mean,
        CASE WHEN n_answers >= getvariable('min_respondents') THEN t_width(n_answers, sd) END AS width,
        2 * n_chosen >= n_responses AS is_chosen
    FROM disclosure.figure
    WHERE unit_kind = 'all' AND part_kind = 'item'
),
total AS (
    SELECT wave, count(mean) AS n_items, sum(decimal_units(mean)) AS units
    FROM item
    WHERE is_chosen
    GROUP BY wave
),
beside AS (
    SELECT
        item.*,
        CASE
            WHEN item.is_chosen AND item.mean IS NOT NULL
                THEN (total.units - decimal_units(item.mean)) / nullif(total.n_items - 1, 0) / 1e12
        END AS reference_mean
    FROM item
    LEFT JOIN total USING (wave)
)
SELECT
    wave,
    item_code,
    action_field,
    is_synthetic,
    withheld_because,
    n_municipalities,
    is_chosen,
    n_answers,
    mean,
    on_scale(mean - width) AS ci_low,
    on_scale(mean + width) AS ci_high,
    reference_mean,
    profile_of(mean, width, reference_mean) AS profile
FROM beside
