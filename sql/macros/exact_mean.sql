-- Gives the mean of values, whatever their order; empty without values.
-- Formula: Σ x / N, in whole numbers of 10⁻¹².
CREATE OR REPLACE TEMP MACRO exact_mean(x) AS
    sum(round(x * 1000000000000)::HUGEINT) / nullif(count(x), 0) / 1e12
