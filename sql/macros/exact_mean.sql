-- Gives the mean of values to twelve decimal places, whatever their order; empty without values.
-- Formula: Σ x / N.
CREATE OR REPLACE TEMP MACRO exact_mean(x) AS sum(decimal_units(x)) / nullif(count(x), 0) / 1e12
