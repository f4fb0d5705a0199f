-- Gives the upper end of the 95 % percentile interval of resampled values.
-- Formula: the 25th greatest of 1,000 (Efron and Tibshirani 1993, section 13.3).
CREATE OR REPLACE TEMP MACRO percentile_high(resampled) AS
    list_sort(list(resampled))[n_replicates() + 1 - n_replicates() // 40]
