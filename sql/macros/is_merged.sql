-- Gives whether a group of people is shown merged with others, because it or what is merged is too small.
-- Formula: groups of a total, smallest first (by name where equal), are merged while they are
-- smaller than min_respondents, and on until the merged ones together reach min_respondents.
-- So the sum of all groups stays true, nothing can be subtracted from it, and no merged group is
-- smaller, unless the whole total is: that is for the caller to withhold.
CREATE OR REPLACE TEMP MACRO is_merged(n, total, name) AS
    n < getvariable('min_respondents') OR (
        min(n) OVER (PARTITION BY total) < getvariable('min_respondents')
        AND coalesce(
            sum(n) OVER (PARTITION BY total ORDER BY n, name ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            0
        ) < getvariable('min_respondents')
    )
