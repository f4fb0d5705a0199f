-- One row is a part of an action field in a municipality and wave, beside a group of its peers.
-- Grain: ags, wave, part_kind, part, action_field, peer_kind.
-- Peers are the other municipalities that count in the group and show a mean. Everybody stands
-- beside the group `chosen`; who takes part as a member of a Kreis is nobody's peer.
-- Formulas: peer_mean = mean of the peers' means, peer_sd their sample standard deviation; band =
-- within where |mean − peer_mean| ≤ peer_sd. effect_size = (mean − peer_mean) / s · (1 − 3 / (4·df − 1)),
-- Cohen's d with the correction of Hedges (1981), s² = Σ (n − 1)·sd² / df and df = Σ (n − 1) over
-- the answers of the municipality and its peers (Borenstein et al. 2009, chapter 4). It describes;
-- answers of one form depend on each other.
-- Inputs: disclosure.figure, disclosure.member, reference.peer_group, comparison.peer_group_score.
WITH own AS (
    SELECT unit AS ags, *, n_answers - 1 AS df
    FROM disclosure.figure
    WHERE unit_kind = 'municipality' AND part_kind IN ('field', 'sub_theme')
),
compared AS (
    SELECT ags, peer_kind, peer_group
    FROM reference.peer_group
    UNION ALL
    SELECT ags, 'chosen', 'chosen'
    FROM reference.peer_group
    WHERE peer_kind = 'all'
),
-- Whole numbers, so that sums do not depend on the order of the others; empty where the
-- municipality is nobody's peer in the group.
placed AS (
    SELECT
        own.*,
        compared.peer_kind,
        compared.peer_group,
        CASE WHEN member.ags IS NOT NULL THEN decimal_units(own.mean) END AS units,
        CASE WHEN member.ags IS NOT NULL THEN decimal_units(own.df * own.sd * own.sd) END AS squares
    FROM own
    JOIN compared ON compared.ags = own.ags
    LEFT JOIN disclosure.member AS member
        ON member.wave = own.wave
        AND member.action_field = own.action_field
        AND member.unit_kind = compared.peer_kind
        AND member.unit = compared.peer_group
        AND member.ags = own.ags
),
peer AS (
    SELECT
        *,
        count(units) OVER others AS n_peers,
        decimal_mean(n_peers, sum(units) OVER others) AS peer_mean,
        decimal_sd(n_peers, sum(units) OVER others, sum(units * units) OVER others) AS peer_sd,
        sum(squares) OVER others / 1e12 AS peer_squares,
        sum(CASE WHEN squares IS NOT NULL THEN df END) OVER others AS peer_df
    FROM placed
    WINDOW others AS (
        PARTITION BY wave, action_field, part_kind, part, peer_kind, peer_group
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW
    )
),
beside AS (
    SELECT
        peer.ags,
        peer.wave,
        peer.part_kind,
        peer.part,
        peer.action_field,
        peer.peer_kind,
        peer.peer_group,
        peer.is_synthetic,
        CASE
            WHEN peer.withheld_because IS NOT NULL THEN peer.withheld_because
            WHEN peer.n_peers < getvariable('min_municipalities') THEN 'too_few_municipalities'
        END AS withheld_because,
        peer.n_respondents,
        peer.mean,
        peer.n_peers,
        CASE WHEN peer.n_peers >= getvariable('min_municipalities') THEN peer.peer_mean END AS peer_mean,
        pooled.mean AS pooled_mean,
        CASE WHEN peer.n_peers >= 2 * getvariable('min_municipalities') THEN peer.peer_sd END AS peer_sd,
        -- A single answer has no spread and adds nothing to s.
        sqrt(
            (coalesce(peer.df * peer.sd * peer.sd, 0) + peer.peer_squares)
            / nullif(coalesce(peer.df, 0) + peer.peer_df, 0)
        ) AS answer_sd,
        peer.df + peer.peer_df::BIGINT AS df
    FROM peer
    LEFT JOIN comparison.peer_group_score AS pooled
        USING (wave, action_field, part_kind, part, peer_kind, peer_group)
)
SELECT
    ags,
    wave,
    part_kind,
    part,
    action_field,
    peer_kind,
    peer_group,
    is_synthetic,
    withheld_because,
    n_respondents,
    mean,
    n_peers,
    peer_mean,
    pooled_mean,
    mean - peer_mean AS difference,
    mean - pooled_mean AS pooled_difference,
    peer_sd,
    CASE
        WHEN mean - peer_mean < -peer_sd THEN 'below'
        WHEN mean - peer_mean > peer_sd THEN 'above'
        WHEN mean - peer_mean IS NOT NULL AND peer_sd IS NOT NULL THEN 'within'
    END AS band,
    (mean - peer_mean) / nullif(answer_sd, 0) * (1 - 3 / (4 * df - 1)) AS effect_size
FROM beside
