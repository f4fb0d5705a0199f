-- Gives the sample standard deviation of counted answers on the scale 1 to 4; empty below two answers.
-- Formula: √((N·Σ n·x² − (Σ n·x)²) / (N·(N − 1))), exact sums of integers.
CREATE OR REPLACE TEMP MACRO scale_sd(n_1, n_2, n_3, n_4) AS
    CASE WHEN n_1 + n_2 + n_3 + n_4 > 1 THEN sqrt(
        (
            (n_1 + n_2 + n_3 + n_4) * (n_1 + 4 * n_2 + 9 * n_3 + 16 * n_4)
            - (n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4) * (n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4)
        ) / ((n_1 + n_2 + n_3 + n_4) * (n_1 + n_2 + n_3 + n_4 - 1))
    ) END
