-- Gives the lower end of the 95 % percentile interval of resampled values.
-- Formula: the 25th smallest of 1,000 (Efron and Tibshirani 1993, section 13.3), so that no
-- interpolation depends on the database.
CREATE OR REPLACE TEMP MACRO percentile_low(resampled) AS
    list_sort(list(resampled))[n_replicates() // 40]
