-- Gives the sum of values to twelve decimal places, whatever their order; empty without values.
-- Sums of floating-point numbers depend on their order, which a database does not promise.
CREATE OR REPLACE TEMP MACRO exact_sum(x) AS
    sum(round(x * 1000000000000)::HUGEINT) / 1e12
