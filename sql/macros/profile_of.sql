-- Gives whether a mean lies above or below a reference beyond its uncertainty; empty if unknown.
-- Formula: strength where mean − width > reference, weakness where mean + width < reference.
CREATE OR REPLACE TEMP MACRO profile_of(mean, width, reference) AS
    CASE
        WHEN mean - width > reference THEN 'strength'
        WHEN mean + width < reference THEN 'weakness'
        WHEN mean + width >= reference THEN 'neither'
    END
