-- Gives a place from 1 to n: the draw of a number in a stream of draws.
-- Formula: hash_32(stream + draw · 2654435769 mod 2³²) · n / 2³² + 1, the counter of SplitMix
-- (Steele, Lea and Flood 2014) in 32 bits.
CREATE OR REPLACE TEMP MACRO random_place(stream, draw, n) AS
    ((hash_32((stream::UBIGINT + draw::UBIGINT * 2654435769::UBIGINT) & 4294967295::UBIGINT) * n::UBIGINT)
        >> 32)::BIGINT + 1
