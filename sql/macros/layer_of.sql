-- Gives what a layer of counted answers on the scale 1 to 4 adds to their agreement: its answers
-- times its own agreement. It reaches up to a count from the greatest of the smaller ones.
-- Formula: (count − next smaller count) · filled categories · A of the filled ones. The A of all
-- fifteen ways to fill four categories is calculated once in a statement and not for each row.
CREATE OR REPLACE TEMP MACRO layer_of(n, is_1, is_2, is_3, is_4, below_1, below_2, below_3) AS
    (n - greatest(below_1, below_2, below_3))
    * (is_1::BIGINT + is_2::BIGINT + is_3::BIGINT + is_4::BIGINT)
    * (
        SELECT list(layer_agreement([way & 1 > 0, way & 2 > 0, way & 4 > 0, way & 8 > 0]) ORDER BY way)
        FROM range(1, 16) AS filled(way)
    )[is_1::BIGINT + 2 * is_2::BIGINT + 4 * is_3::BIGINT + 8 * is_4::BIGINT]
