-- Gives the mean of counted answers on the scale 1 to 4; empty without answers.
-- Formula: Σ x·n_x / N.
CREATE OR REPLACE TEMP MACRO scale_mean(n_1, n_2, n_3, n_4) AS
    (n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4) / nullif(n_1 + n_2 + n_3 + n_4, 0)
