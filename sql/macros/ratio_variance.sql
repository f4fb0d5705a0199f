-- Gives the variance of a mean over all answers of forms, each with n answers that sum up to total.
-- Formula: F/(F − 1) · Σ (total − m·n)² / (Σ n)² over F forms, m = Σ total / Σ n: the ratio of two
-- sums over whole forms, linearised (Cochran, Sampling Techniques, 1977, section 6.4). Sums of whole
-- numbers, so the order of the forms does not matter.
CREATE OR REPLACE TEMP MACRO ratio_variance(n, total) AS
    CASE WHEN count(n) > 1 THEN
        (
            sum(total * total)::HUGEINT * sum(n)::HUGEINT * sum(n)::HUGEINT
            - 2 * sum(total)::HUGEINT * sum(n)::HUGEINT * sum(n * total)::HUGEINT
            + sum(total)::HUGEINT * sum(total)::HUGEINT * sum(n * n)::HUGEINT
        )::DOUBLE / sum(n)::DOUBLE ** 4 * count(n) / (count(n) - 1)
    END
