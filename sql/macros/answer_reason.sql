-- Gives why there is no answer, as core.response_field writes it; empty with a value.
CREATE OR REPLACE TEMP MACRO answer_reason(answer) AS
    CASE
        WHEN try_cast(split_part(answer, '=', 2) AS INTEGER) IS NULL THEN split_part(answer, '=', 2)
    END
