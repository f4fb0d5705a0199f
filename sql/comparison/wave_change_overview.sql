-- One row is an action field in a group of municipalities, and two waves that followed each other.
-- Grain: wave_from, wave_to, action_field, peer_kind, peer_group.
-- Paired by municipality: mean, sample standard deviation and interval of the municipalities'
-- changes, each counting alike. Interval: 95 % percentile bootstrap (Efron and Tibshirani 1993,
-- chapter 13) over the municipalities, taken in the order of their change and drawn with
-- random_stream and random_place, key „wave_from wave_to action_field peer_kind peer_group“. How
-- many went up or down is not told: of few municipalities it would rank them.
-- Inputs: comparison.wave_change, reference.peer_group.
WITH member AS (
    SELECT
        change.wave_from,
        change.wave_to,
        change.action_field,
        peer.peer_kind,
        peer.peer_group,
        peer.label_de,
        change.is_synthetic,
        change.change
    FROM comparison.wave_change AS change
    JOIN reference.peer_group AS peer USING (ags)
    WHERE peer.is_counted
),
summed AS (
    SELECT
        wave_from,
        wave_to,
        action_field,
        peer_kind,
        peer_group,
        label_de,
        bool_or(is_synthetic) AS is_synthetic,
        count(change) AS n_municipalities,
        exact_mean(change) AS mean_change,
        exact_sd(change) AS sd_change
    FROM member
    GROUP BY wave_from, wave_to, action_field, peer_kind, peer_group, label_de
),
stream AS (
    SELECT
        summed.*,
        replicate,
        random_stream(
            wave_from || ' ' || wave_to || ' ' || action_field || ' ' || peer_kind || ' ' || peer_group,
            replicate
        ) AS stream
    FROM summed
    CROSS JOIN range(1, n_replicates() + 1) AS replicates (replicate)
    WHERE n_municipalities >= 2 * getvariable('min_municipalities')
),
draw AS (
    SELECT
        wave_from,
        wave_to,
        action_field,
        peer_kind,
        peer_group,
        replicate,
        random_place(stream, unnest(range(1, n_municipalities + 1)), n_municipalities) AS place
    FROM stream
),
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY wave_from, wave_to, action_field, peer_kind, peer_group ORDER BY change
        ) AS place
    FROM member
    WHERE change IS NOT NULL
),
resample AS (
    SELECT wave_from, wave_to, action_field, peer_kind, peer_group, replicate, exact_mean(placed.change) AS mean
    FROM draw
    JOIN placed USING (wave_from, wave_to, action_field, peer_kind, peer_group, place)
    GROUP BY wave_from, wave_to, action_field, peer_kind, peer_group, replicate
),
bounds AS (
    SELECT
        wave_from,
        wave_to,
        action_field,
        peer_kind,
        peer_group,
        percentile_low(mean) AS ci_low,
        percentile_high(mean) AS ci_high
    FROM resample
    GROUP BY wave_from, wave_to, action_field, peer_kind, peer_group
)
SELECT
    wave_from,
    wave_to,
    action_field,
    peer_kind,
    peer_group,
    label_de,
    is_synthetic,
    CASE WHEN n_municipalities < getvariable('min_municipalities') THEN 'too_few_municipalities' END
        AS withheld_because,
    n_municipalities,
    CASE WHEN n_municipalities >= getvariable('min_municipalities') THEN mean_change END AS mean_change,
    CASE WHEN n_municipalities >= 2 * getvariable('min_municipalities') THEN sd_change END AS sd_change,
    ci_low,
    ci_high,
    CASE WHEN ci_low IS NOT NULL THEN n_replicates() END AS n_replicates
FROM summed
LEFT JOIN bounds USING (wave_from, wave_to, action_field, peer_kind, peer_group)
