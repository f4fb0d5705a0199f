-- Gives the sample standard deviation of n values from their sum and the sum of their squares, both
-- in decimal units; empty below two values.
-- Formula: √((N·Σ x² − (Σ x)²) / (N·(N − 1))).
CREATE OR REPLACE TEMP MACRO decimal_sd(n, total, squares) AS
    CASE WHEN n > 1 THEN sqrt((n * squares - total * total) / (n * (n - 1))) / 1e12 END
