-- Gives the lower 32 bits of a product of two numbers of 32 bits; a step of hash_32.
CREATE OR REPLACE TEMP MACRO bits_product(x, y) AS (x::UBIGINT * y::UBIGINT) & 4294967295::UBIGINT
