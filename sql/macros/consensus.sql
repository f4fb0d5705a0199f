-- Gives the consensus of counted answers, by category in order; empty without answers.
-- Formula: Cns = 1 + Σ p_i·log2(1 − |i − μ| / (k − 1)), with p_i the share of category i of k and
-- μ = Σ i·p_i; 1 where all agree, 0 where half stand at either end.
-- Source: Tastle and Wierman, Consensus and dissention: A measure of ordinal dispersion,
-- International Journal of Approximate Reasoning 45 (2007), 531–545.
CREATE OR REPLACE TEMP MACRO consensus(counts) AS
    CASE WHEN list_sum(counts) > 0 THEN 1 + list_sum([
        counts[i] / list_sum(counts) * log2(
            1 - abs(
                i - list_sum([j * counts[j] FOR j IN range(1, len(counts) + 1)]) / list_sum(counts)
            ) / (len(counts) - 1)
        )
        -- Categories nobody chose add nothing, and some have no logarithm.
        FOR i IN range(1, len(counts) + 1) IF counts[i] > 0
    ]) END
