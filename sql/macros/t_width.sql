-- Gives half the width of the 95 % interval of a mean of n answers; empty below five answers.
-- Formula: t₀.₉₇₅(n − 1) · s / √n. Where all answers agree, s is taken as if one of them had
-- differed by a step, √(1/n): the smallest s that answers can have otherwise. Agreement of a few
-- people is no certainty.
CREATE OR REPLACE TEMP MACRO t_width(n, sd) AS
    CASE WHEN n >= 5 THEN t_quantile(n - 1) * greatest(sd, sqrt(1 / n)) / sqrt(n) END
