-- Gives a number combined bit by bit with its own upper bits; a step of hash_32.
CREATE OR REPLACE TEMP MACRO bits_shifted(x, places) AS xor(x::UBIGINT, x::UBIGINT >> places)
