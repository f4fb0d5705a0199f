-- Gives the value before polarity of an answer's code; empty with a reason.
CREATE OR REPLACE TEMP MACRO answer_value(code) AS CASE WHEN code >= 12 THEN code - 11 END
