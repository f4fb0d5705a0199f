-- Gives van der Eijk's agreement A of counted answers, by category in order; empty without answers.
-- Formula: A = Σ w_r·A_r. The distribution is cut into layers of equal height: the r-th reaches from
-- the r-1st to the r-th smallest count and fills the categories with at least that count; w_r is the
-- share of all answers in it. 1: all in one category; 0: all categories alike; -1: two halves at the
-- ends.
-- Source: van der Eijk, Measuring agreement in ordered rating scales, Quality and Quantity 35
-- (2001), 325–341.
CREATE OR REPLACE TEMP MACRO agreement(counts) AS
    CASE WHEN list_sum(counts) > 0 THEN list_sum([
        (list_sort(counts)[r] - coalesce(list_sort(counts)[r - 1], 0))
        * len([c FOR c IN counts IF c >= list_sort(counts)[r]])
        * layer_agreement([c >= list_sort(counts)[r] FOR c IN counts])
        FOR r IN range(1, len(counts) + 1)
    ]) / list_sum(counts) END
