-- One row is an item in a municipality, or over all of them, and a wave, beside the other items there.
-- Grain: wave, unit_kind, unit, item_code.
-- reference_mean = mean of the means of the other items there, of action fields that at least half
-- of the forms chose; each item counts alike. A strength (weakness) is an item whose 95 %
-- t-interval, mean ± t_width, lies wholly above (below) it. The interval takes answers as a sample
-- of possible respondents and the reference as known; it is cut at the ends of the scale.
-- Inputs: disclosure.figure.
WITH item AS (
    SELECT
        wave,
        unit_kind,
        unit,
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
    WHERE part_kind = 'item'
),
total AS (
    SELECT wave, unit_kind, unit, count(mean) AS n_items, sum(decimal_units(mean)) AS units
    FROM item
    WHERE is_chosen
    GROUP BY wave, unit_kind, unit
),
beside AS (
    SELECT
        item.*,
        CASE
            WHEN item.is_chosen AND item.mean IS NOT NULL
                THEN (total.units - decimal_units(item.mean)) / nullif(total.n_items - 1, 0) / 1e12
        END AS reference_mean
    FROM item
    LEFT JOIN total USING (wave, unit_kind, unit)
)
SELECT
    wave,
    unit_kind,
    unit,
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
