-- Gives the mean of values to twelve decimal places, whatever their order; empty without values.
CREATE OR REPLACE TEMP MACRO exact_mean(x) AS decimal_mean(count(x), sum(decimal_units(x)))
