-- Gives a value from 1 to 4 after polarity: 4 is favourable.
-- Formula: 5 − value where agreement is unfavourable, polarity −1.
CREATE OR REPLACE TEMP MACRO after_polarity(value, polarity) AS
    CASE polarity WHEN -1 THEN 5 - value ELSE value END
