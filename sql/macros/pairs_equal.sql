-- Gives the share of pairs of respondents who gave the same answer; empty below two answers.
-- Formula: Σ n_i·(n_i − 1) / (N·(N − 1)), from counts by category in order.
CREATE OR REPLACE TEMP MACRO pairs_equal(counts) AS
    CASE WHEN list_sum(counts) > 1 THEN
        list_sum([c * (c - 1) FOR c IN counts]) / (list_sum(counts) * (list_sum(counts) - 1))
    END
