-- One row is $part_said in a municipality and wave.
-- n_1 to n_4 count answers after polarity, as sql/disclosure/cell.sql does; formulas as in sql/macros.
WITH x AS (
    SELECT
        counts.ags,
        counts.wave,
        $part,
        CASE item.polarity WHEN -1 THEN 5 - counts.value ELSE counts.value END AS x,
        counts.missing_reason,
        counts.n
    FROM $answer_count AS counts
    JOIN $item AS item ON item.item_code = counts.item_code
    WHERE $condition
),
counted AS (
    SELECT
        ags,
        wave,
        $names,
        CAST(sum(n) AS BIGINT) AS n_expected,
        CAST(coalesce(sum(n) FILTER (WHERE x = 1), 0) AS BIGINT) AS n_1,
        CAST(coalesce(sum(n) FILTER (WHERE x = 2), 0) AS BIGINT) AS n_2,
        CAST(coalesce(sum(n) FILTER (WHERE x = 3), 0) AS BIGINT) AS n_3,
        CAST(coalesce(sum(n) FILTER (WHERE x = 4), 0) AS BIGINT) AS n_4,
        CAST(coalesce(sum(n) FILTER (WHERE missing_reason = 'not_chosen'), 0) AS BIGINT) AS n_not_chosen,
        CAST(coalesce(sum(n) FILTER (WHERE missing_reason = 'not_reached'), 0) AS BIGINT) AS n_not_reached,
        CAST(coalesce(sum(n) FILTER (WHERE missing_reason = 'skipped'), 0) AS BIGINT) AS n_skipped,
        CAST(coalesce(sum(n) FILTER (WHERE missing_reason = 'dont_know'), 0) AS BIGINT) AS n_dont_know,
        CAST(coalesce(sum(n) FILTER (WHERE missing_reason = 'invalid'), 0) AS BIGINT) AS n_invalid
    FROM x
    GROUP BY ags, wave, $names
),
summed AS (
    SELECT
        *,
        n_1 + n_2 + n_3 + n_4 AS n_answers,
        n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 AS sum_x,
        n_1 + 4 * n_2 + 9 * n_3 + 16 * n_4 AS sum_xx
    FROM counted
),
averaged AS (
    SELECT *, sum_x / nullif(n_answers, 0) AS mean
    FROM summed
)
SELECT
    ags,
    wave,
    $names,
    n_expected,
    n_answers,
    n_1,
    n_2,
    n_3,
    n_4,
    n_not_chosen,
    n_not_reached,
    n_skipped,
    n_dont_know,
    n_invalid,
    n_answers / n_expected AS answered_share,
    n_answers / nullif(n_expected - n_not_chosen, 0) AS answered_share_of_chosen,
    n_not_chosen / n_expected AS share_not_chosen,
    n_not_reached / n_expected AS share_not_reached,
    n_skipped / n_expected AS share_skipped,
    n_dont_know / n_expected AS share_dont_know,
    mean,
    CASE WHEN n_answers > 0 THEN (
        CASE
            WHEN 2 * n_1 >= n_answers THEN 1
            WHEN 2 * (n_1 + n_2) >= n_answers THEN 2
            WHEN 2 * (n_1 + n_2 + n_3) >= n_answers THEN 3
            ELSE 4
        END
        + CASE
            WHEN 2 * n_1 > n_answers THEN 1
            WHEN 2 * (n_1 + n_2) > n_answers THEN 2
            WHEN 2 * (n_1 + n_2 + n_3) > n_answers THEN 3
            ELSE 4
        END
    ) / 2 END AS median,
    CASE
        WHEN n_answers = 0 THEN NULL
        WHEN 4 * n_1 >= n_answers THEN 1
        WHEN 4 * (n_1 + n_2) >= n_answers THEN 2
        WHEN 4 * (n_1 + n_2 + n_3) >= n_answers THEN 3
        ELSE 4
    END AS lower_quartile,
    CASE
        WHEN n_answers = 0 THEN NULL
        WHEN 4 * n_1 >= 3 * n_answers THEN 1
        WHEN 4 * (n_1 + n_2) >= 3 * n_answers THEN 2
        WHEN 4 * (n_1 + n_2 + n_3) >= 3 * n_answers THEN 3
        ELSE 4
    END AS upper_quartile,
    CASE WHEN n_answers > 1 THEN
        sqrt((n_answers * sum_xx - sum_x * sum_x) / (n_answers * (n_answers - 1)))
    END AS sd,
    CASE WHEN n_answers > 0 THEN 1 + (
        CASE WHEN n_1 > 0 THEN n_1 * log2(1 - abs(1 - mean) / 3) ELSE 0 END
        + CASE WHEN n_2 > 0 THEN n_2 * log2(1 - abs(2 - mean) / 3) ELSE 0 END
        + CASE WHEN n_3 > 0 THEN n_3 * log2(1 - abs(3 - mean) / 3) ELSE 0 END
        + CASE WHEN n_4 > 0 THEN n_4 * log2(1 - abs(4 - mean) / 3) ELSE 0 END
    ) / n_answers END AS consensus
FROM averaged
