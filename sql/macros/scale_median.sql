-- Gives the median of counted answers on the scale 1 to 4; empty without answers.
-- Formula: mean of the lower and the upper middle answer, so that half steps can come out.
CREATE OR REPLACE TEMP MACRO scale_median(n_1, n_2, n_3, n_4) AS
    CASE WHEN n_1 + n_2 + n_3 + n_4 > 0 THEN (
        CASE
            WHEN n_1 >= n_2 + n_3 + n_4 THEN 1
            WHEN n_1 + n_2 >= n_3 + n_4 THEN 2
            WHEN n_1 + n_2 + n_3 >= n_4 THEN 3
            ELSE 4
        END
        + CASE
            WHEN n_1 > n_2 + n_3 + n_4 THEN 1
            WHEN n_1 + n_2 > n_3 + n_4 THEN 2
            WHEN n_1 + n_2 + n_3 > n_4 THEN 3
            ELSE 4
        END
    ) / 2 END
