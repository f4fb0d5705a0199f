-- Gives a value cut at the ends of the scale 1 to 4; empty stays empty.
CREATE OR REPLACE TEMP MACRO on_scale(x) AS
    CASE WHEN x < 1 THEN 1 WHEN x > 4 THEN 4 ELSE x END
