-- Gives a whole number from 0 to 4294967295 that looks random, for another one of this range.
-- Formula: the mixing function lowbias32 (C. Wellons, Prospecting for Hash Functions, 2018), in
-- whole numbers only: every database, machine and language gives the same.
CREATE OR REPLACE TEMP MACRO hash_32(x) AS
    bits_shifted(
        bits_product(bits_shifted(bits_product(bits_shifted(x, 16), 2146121005), 15), 2221713035), 16
    )
