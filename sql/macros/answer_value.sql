-- Gives the value before polarity of an answer as core.response_field writes it; empty with a reason.
CREATE OR REPLACE TEMP MACRO answer_value(answer) AS try_cast(split_part(answer, '=', 2) AS INTEGER)
