-- One row is an item in a municipality and wave, beside the municipality's other items.
-- Grain: ags, wave, item_code.
-- reference_mean = mean of the means of the municipality's other items, of action fields that at
-- least half of the forms chose; each item counts alike. A strength (weakness) is an item whose
-- 95 % t-interval, mean ± t_width, lies wholly above (below) it. The interval takes answers as a
-- sample of possible respondents and the reference as known; it is cut at the ends of the scale.
-- Inputs: disclosure.figure.
WITH item AS (
    SELECT
        unit AS ags,
        wave,
        part AS item_code,
        action_field,
        is_synthetic,
        withheld_because,
        n_answers,
        mean,
        CASE WHEN n_answers >= getvariable('min_respondents') THEN t_width(n_answers, sd) END AS width,
        2 * n_chosen >= n_responses AS is_chosen
    FROM disclosure.figure
    WHERE unit_kind = 'municipality' AND part_kind = 'item'
),
total AS (
    SELECT
        ags,
        wave,
        count(mean) AS n_items,
        sum(decimal_units(mean)) AS units
    FROM item
    WHERE is_chosen
    GROUP BY ags, wave
),
beside AS (
    SELECT
        item.*,
        CASE
            WHEN item.is_chosen AND item.mean IS NOT NULL
                THEN (total.units - decimal_units(item.mean)) / nullif(total.n_items - 1, 0) / 1e12
        END AS reference_mean
    FROM item
    LEFT JOIN total USING (ags, wave)
)
SELECT
    ags,
    wave,
    item_code,
    action_field,
    is_synthetic,
    withheld_because,
    is_chosen,
    n_answers,
    mean,
    on_scale(mean - width) AS ci_low,
    on_scale(mean + width) AS ci_high,
    reference_mean,
    profile_of(mean, width, reference_mean) AS profile
FROM beside
