-- One row is a cell as it may be shown, with every figure that follows from its counts.
-- Grain: wave, action_field, unit_kind, unit, part_kind, part.
-- Formulas: sql/macros; n_expected = n_answers + all missing answers; answered_share_of_chosen =
-- n_answers / (n_expected - n_not_chosen). Pairs are compared only where two to five people of a
-- municipality answered the same item.
-- Inputs: disclosure.open_cell.
WITH shown AS (
    SELECT *
    FROM disclosure.open_cell
    -- Of groups that are too small not even the counts are shown.
    WHERE unit_kind = 'municipality' OR n_municipalities >= getvariable('min_municipalities')
),
counted AS (
    SELECT
        cell.wave,
        cell.action_field,
        cell.unit_kind,
        cell.unit,
        cell.part_kind,
        cell.part,
        cell.is_withheld,
        cell.is_synthetic,
        cell.n_municipalities,
        shown.n_responses,
        shown.n_respondents,
        shown.n_chosen,
        shown.n_undecided,
        shown.n_items,
        shown.n_1,
        shown.n_2,
        shown.n_3,
        shown.n_4,
        [shown.n_1, shown.n_2, shown.n_3, shown.n_4] AS answers,
        shown.n_1 + shown.n_2 + shown.n_3 + shown.n_4 AS n_answers,
        shown.n_not_chosen,
        shown.n_not_delivered,
        shown.n_not_reached,
        shown.n_skipped,
        shown.n_dont_know,
        shown.n_not_applicable,
        shown.n_invalid,
        shown.n_unknown_reason,
        shown.n_1 + shown.n_2 + shown.n_3 + shown.n_4
        + shown.n_not_chosen + shown.n_not_delivered + shown.n_not_reached + shown.n_skipped
        + shown.n_dont_know + shown.n_not_applicable + shown.n_invalid
        + shown.n_unknown_reason AS n_expected
    FROM disclosure.open_cell AS cell
    LEFT JOIN shown USING (wave, action_field, unit_kind, unit, part_kind, part)
),
judged AS (
    SELECT
        *,
        n_answers / nullif(n_expected - n_not_chosen, 0) AS answered_share_of_chosen,
        CASE
            WHEN unit_kind <> 'municipality' AND n_municipalities < getvariable('min_municipalities')
                THEN 'too_few_municipalities'
            WHEN is_withheld THEN 'confidential'
            WHEN part_kind <> 'item'
                AND answered_share_of_chosen < getvariable('min_answered_share')
                THEN 'low_answered_share'
        END AS withheld_because
    FROM counted
)
SELECT
    wave,
    action_field,
    unit_kind,
    unit,
    part_kind,
    part,
    is_synthetic,
    withheld_because,
    n_municipalities,
    n_responses,
    n_respondents,
    n_chosen,
    n_undecided,
    n_items,
    n_expected,
    n_answers,
    n_1,
    n_2,
    n_3,
    n_4,
    n_answers / n_expected AS answered_share,
    answered_share_of_chosen,
    CASE WHEN withheld_because IS NULL THEN scale_mean(n_1, n_2, n_3, n_4) END AS mean,
    CASE WHEN withheld_because IS NULL THEN scale_median(n_1, n_2, n_3, n_4) END AS median,
    CASE WHEN withheld_because IS NULL THEN scale_sd(n_1, n_2, n_3, n_4) END AS sd,
    CASE WHEN withheld_because IS NULL THEN consensus(answers) END AS consensus,
    CASE WHEN withheld_because IS NULL THEN scale_agreement(n_1, n_2, n_3, n_4) END AS agreement,
    CASE
        WHEN unit_kind = 'municipality' AND part_kind = 'item' AND n_answers BETWEEN 2 AND 5
            THEN pairs_equal(answers)
    END AS pairs_equal,
    CASE
        WHEN unit_kind = 'municipality' AND part_kind = 'item' AND n_answers BETWEEN 2 AND 5
            THEN pairs_within_one(answers)
    END AS pairs_within_one,
    n_not_chosen / n_expected AS share_not_chosen,
    n_not_delivered / n_expected AS share_not_delivered,
    n_not_reached / n_expected AS share_not_reached,
    n_skipped / n_expected AS share_skipped,
    n_dont_know / n_expected AS share_dont_know,
    n_not_applicable / n_expected AS share_not_applicable,
    n_invalid / n_expected AS share_invalid,
    n_unknown_reason / n_expected AS share_unknown_reason
FROM judged
