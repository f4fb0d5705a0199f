-- Gives van der Eijk's agreement A of counted answers on the scale 1 to 4; empty without answers.
-- Formula: A = Σ w_i·A_i. The distribution is cut into layers of equal height: the i-th reaches up to
-- the count of category i from the next smaller one (of equal counts, that of the category before)
-- and fills the categories with at least that count; w_i is the share of all answers in it, A_i the
-- layer's own agreement. 1: all in one category; 0: all categories alike; -1: two halves at the ends.
-- Source: van der Eijk, Measuring agreement in ordered rating scales, Quality and Quantity 35
-- (2001), 325–341.
CREATE OR REPLACE TEMP MACRO scale_agreement(n_1, n_2, n_3, n_4) AS
    CASE WHEN n_1 + n_2 + n_3 + n_4 > 0 THEN (
        layer_of(n_1, n_1 >= n_1, n_2 >= n_1, n_3 >= n_1, n_4 >= n_1,
            if(n_2 < n_1, n_2, 0), if(n_3 < n_1, n_3, 0), if(n_4 < n_1, n_4, 0))
        + layer_of(n_2, n_1 >= n_2, n_2 >= n_2, n_3 >= n_2, n_4 >= n_2,
            if(n_1 <= n_2, n_1, 0), if(n_3 < n_2, n_3, 0), if(n_4 < n_2, n_4, 0))
        + layer_of(n_3, n_1 >= n_3, n_2 >= n_3, n_3 >= n_3, n_4 >= n_3,
            if(n_1 <= n_3, n_1, 0), if(n_2 <= n_3, n_2, 0), if(n_4 < n_3, n_4, 0))
        + layer_of(n_4, n_1 >= n_4, n_2 >= n_4, n_3 >= n_4, n_4 >= n_4,
            if(n_1 <= n_4, n_1, 0), if(n_2 <= n_4, n_2, 0), if(n_3 <= n_4, n_3, 0))
    ) / (n_1 + n_2 + n_3 + n_4) END
