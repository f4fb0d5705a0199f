-- Gives the mean of n values from their sum in decimal units; empty without values.
-- Formula: Σ x / N.
CREATE OR REPLACE TEMP MACRO decimal_mean(n, total) AS total / nullif(n, 0) / 1e12
