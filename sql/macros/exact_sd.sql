-- Gives the sample standard deviation of values to twelve decimal places, whatever their order;
-- empty below two values.
-- Formula: √((N·Σ x² − (Σ x)²) / (N·(N − 1))).
CREATE OR REPLACE TEMP MACRO exact_sd(x) AS
    CASE WHEN count(x) > 1 THEN sqrt(
        (
            count(x) * sum(decimal_units(x) * decimal_units(x))
            - sum(decimal_units(x)) * sum(decimal_units(x))
        ) / (count(x) * (count(x) - 1))
    ) / 1e12 END
