-- Gives the sample standard deviation of values to twelve decimal places, whatever their order;
-- empty below two values.
CREATE OR REPLACE TEMP MACRO exact_sd(x) AS
    decimal_sd(count(x), sum(decimal_units(x)), sum(decimal_units(x) * decimal_units(x)))
