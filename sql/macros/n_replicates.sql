-- Gives the number of resamples behind an interval.
CREATE OR REPLACE TEMP MACRO n_replicates() AS 1000
