-- Gives the sample standard deviation of values, whatever their order; empty below two values.
-- Formula: √((N·Σ x² − (Σ x)²) / (N·(N − 1))), in whole numbers of 10⁻¹².
CREATE OR REPLACE TEMP MACRO exact_sd(x) AS
    CASE WHEN count(x) > 1 THEN sqrt(
        (
            count(x) * sum(round(x * 1000000000000)::HUGEINT * round(x * 1000000000000)::HUGEINT)
            - sum(round(x * 1000000000000)::HUGEINT) * sum(round(x * 1000000000000)::HUGEINT)
        ) / (count(x) * (count(x) - 1))
    ) / 1e12 END
