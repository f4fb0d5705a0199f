-- Gives the bits of the items that a form answers with a value, as core.response_field codes them.
CREATE OR REPLACE TEMP MACRO answered_bits(code_4, code_8) AS code_4 & code_8
