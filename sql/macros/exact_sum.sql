-- Gives the sum of values to twelve decimal places, whatever their order; empty without values.
CREATE OR REPLACE TEMP MACRO exact_sum(x) AS sum(decimal_units(x)) / 1e12
