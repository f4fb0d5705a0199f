-- Gives the number that a resample's draws start from; key says in words what is resampled.
-- Formula: hash_32 of the first 32 bits of the key's MD5, combined with the replicate's number.
CREATE OR REPLACE TEMP MACRO random_stream(key, replicate) AS
    hash_32(xor(('0x' || left(md5(key), 8))::UBIGINT, hash_32(replicate)))
