-- Gives a value as a whole number of 10⁻¹²: sums of floating-point numbers depend on their order,
-- which a database does not promise, sums of whole numbers do not.
CREATE OR REPLACE TEMP MACRO decimal_units(x) AS round(x * 1000000000000)::HUGEINT
