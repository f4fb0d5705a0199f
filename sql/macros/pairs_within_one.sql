-- Gives the share of pairs of respondents at most one step apart; empty below two answers.
-- Formula: Σ (n_i·(n_i − 1) + 2·n_i·n_(i+1)) / (N·(N − 1)), from counts by category in order.
CREATE OR REPLACE TEMP MACRO pairs_within_one(counts) AS
    CASE WHEN list_sum(counts) > 1 THEN
        list_sum([
            counts[i] * (counts[i] - 1 + 2 * coalesce(counts[i + 1], 0))
            FOR i IN range(1, len(counts) + 1)
        ]) / (list_sum(counts) * (list_sum(counts) - 1))
    END
