-- Gives the greatest number of forms of a wave that is resampled for an interval.
-- Above it the ends of the percentile bootstrap scatter by less than 0.005 between two streams of
-- draws, and its interval is that of the normal distribution.
CREATE OR REPLACE TEMP MACRO n_resampled_forms() AS 1000
