-- One row is an action field in a municipality and wave.
-- Grain: ags, wave, action_field.
-- Formulas: mean = Σ n·x / N; sd = √((N·Σ n·x² − (Σ n·x)²) / (N·(N − 1))), the sample standard
-- deviation in exact integer sums; median = mean of the lower and the upper middle answer.
-- x is the answer after polarity: 5 − value where agreement is unfavourable.
-- Inputs: core.answer_count, core.response_field, core.response, reference.item.
WITH polarised AS (
    SELECT
        answer_count.ags,
        answer_count.wave,
        item.action_field,
        CASE item.polarity WHEN -1 THEN 5 - answer_count.value ELSE answer_count.value END AS x,
        answer_count.missing_reason,
        sum(answer_count.n)::BIGINT AS n
    FROM core.answer_count AS answer_count
    JOIN reference.item AS item USING (item_code)
    GROUP BY ALL
),
sums AS (
    SELECT
        ags,
        wave,
        action_field,
        sum(n)::BIGINT AS n_expected,
        coalesce(sum(n) FILTER (x IS NOT NULL), 0)::BIGINT AS n_answers,
        sum(n * x)::BIGINT AS sum_x,
        sum(n * x * x)::BIGINT AS sum_xx,
        coalesce(sum(n) FILTER (missing_reason = 'not_chosen'), 0)::BIGINT AS n_not_chosen,
        coalesce(sum(n) FILTER (missing_reason = 'not_delivered'), 0)::BIGINT AS n_not_delivered,
        coalesce(sum(n) FILTER (missing_reason = 'not_reached'), 0)::BIGINT AS n_not_reached,
        coalesce(sum(n) FILTER (missing_reason = 'skipped'), 0)::BIGINT AS n_skipped,
        coalesce(sum(n) FILTER (missing_reason = 'dont_know'), 0)::BIGINT AS n_dont_know,
        coalesce(sum(n) FILTER (missing_reason = 'not_applicable'), 0)::BIGINT AS n_not_applicable,
        coalesce(sum(n) FILTER (missing_reason = 'invalid'), 0)::BIGINT AS n_invalid,
        coalesce(sum(n) FILTER (missing_reason = 'unknown_reason'), 0)::BIGINT AS n_unknown_reason
    FROM polarised
    GROUP BY ags, wave, action_field
),
ranked AS (
    SELECT
        ags,
        wave,
        action_field,
        x,
        sum(n) OVER (PARTITION BY ags, wave, action_field ORDER BY x) AS up_to,
        sum(n) OVER (PARTITION BY ags, wave, action_field) AS total
    FROM polarised
    WHERE x IS NOT NULL
),
medians AS (
    SELECT
        ags,
        wave,
        action_field,
        (
            min(x) FILTER (2 * up_to >= total)
            + min(x) FILTER (2 * up_to >= total + 1)
        ) / 2.0 AS median
    FROM ranked
    GROUP BY ags, wave, action_field
),
respondents AS (
    SELECT
        ags,
        wave,
        action_field,
        count(*) AS n_responses,
        count(*) FILTER (n_answers > 0) AS n_respondents
    FROM core.response_field
    GROUP BY ags, wave, action_field
),
origin AS (
    SELECT ags, wave, bool_or(is_synthetic) AS is_synthetic
    FROM core.response
    WHERE excluded_because IS NULL
    GROUP BY ags, wave
)
SELECT
    sums.ags,
    sums.wave,
    sums.action_field,
    origin.is_synthetic,
    false AS is_suppressed,
    respondents.n_responses,
    respondents.n_respondents,
    sums.n_expected,
    sums.n_answers,
    sums.n_answers / sums.n_expected AS answered_share,
    sums.sum_x / sums.n_answers AS mean,
    medians.median,
    CASE
        WHEN sums.n_answers > 1 THEN sqrt(
            (sums.n_answers * sums.sum_xx - sums.sum_x * sums.sum_x)
            / (sums.n_answers * (sums.n_answers - 1))
        )
    END AS sd,
    sums.n_not_chosen / sums.n_expected AS share_not_chosen,
    sums.n_not_delivered / sums.n_expected AS share_not_delivered,
    sums.n_not_reached / sums.n_expected AS share_not_reached,
    sums.n_skipped / sums.n_expected AS share_skipped,
    sums.n_dont_know / sums.n_expected AS share_dont_know,
    sums.n_not_applicable / sums.n_expected AS share_not_applicable,
    sums.n_invalid / sums.n_expected AS share_invalid,
    sums.n_unknown_reason / sums.n_expected AS share_unknown_reason
FROM sums
JOIN origin USING (ags, wave)
JOIN respondents USING (ags, wave, action_field)
LEFT JOIN medians USING (ags, wave, action_field)
