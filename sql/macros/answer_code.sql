-- Gives what a form says on one item as core.response_field codes it: 12 to 15 a value, 1 to 8 a reason.
CREATE OR REPLACE TEMP MACRO answer_code(bit, code_1, code_2, code_4, code_8) AS
    ((code_1 & bit) > 0)::INTEGER + 2 * ((code_2 & bit) > 0)::INTEGER
    + 4 * ((code_4 & bit) > 0)::INTEGER + 8 * ((code_8 & bit) > 0)::INTEGER
