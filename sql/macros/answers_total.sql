-- Gives the sum of a form's values before polarity over the items of these bits, all of them answered.
CREATE OR REPLACE TEMP MACRO answers_total(bits, code_1, code_2) AS
    bit_count(bits)::BIGINT + bit_count(bits & code_1)::BIGINT + 2 * bit_count(bits & code_2)::BIGINT
