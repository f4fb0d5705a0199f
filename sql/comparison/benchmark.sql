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
peer AS (
    SELECT
        own.ags,
        own.wave,
        own.part_kind,
        own.part,
        own.action_field,
        compared.peer_kind,
        count(other.mean) AS n_peers,
        exact_mean(other.mean) AS peer_mean,
        exact_sd(other.mean) AS peer_sd,
        exact_sum(other.df * other.sd * other.sd) AS squares,
        sum(CASE WHEN other.sd IS NOT NULL THEN other.df END)::BIGINT AS df
    FROM own
    JOIN compared ON compared.ags = own.ags
    LEFT JOIN disclosure.member AS member
        ON member.wave = own.wave
        AND member.action_field = own.action_field
        AND member.unit_kind = compared.peer_kind
        AND member.unit = compared.peer_group
        AND member.ags <> own.ags
    LEFT JOIN own AS other
        ON other.ags = member.ags
        AND other.wave = own.wave
        AND other.action_field = own.action_field
        AND other.part_kind = own.part_kind
        AND other.part = own.part
    GROUP BY own.ags, own.wave, own.part_kind, own.part, own.action_field, compared.peer_kind
),
beside AS (
    SELECT
        own.ags,
        own.wave,
        own.part_kind,
        own.part,
        own.action_field,
        compared.peer_kind,
        compared.peer_group,
        own.is_synthetic,
        CASE
            WHEN own.withheld_because IS NOT NULL THEN own.withheld_because
            WHEN peer.n_peers < getvariable('min_municipalities') THEN 'too_few_municipalities'
        END AS withheld_because,
        own.n_respondents,
        own.mean,
        peer.n_peers,
        CASE WHEN peer.n_peers >= getvariable('min_municipalities') THEN peer.peer_mean END AS peer_mean,
        pooled.mean AS pooled_mean,
        CASE WHEN peer.n_peers >= 2 * getvariable('min_municipalities') THEN peer.peer_sd END AS peer_sd,
        -- A single answer has no spread and adds nothing to s.
        sqrt((coalesce(own.df * own.sd * own.sd, 0) + peer.squares) / nullif(coalesce(own.df, 0) + peer.df, 0))
            AS answer_sd,
        own.df + peer.df AS df
    FROM own
    JOIN compared ON compared.ags = own.ags
    JOIN peer
        ON peer.ags = own.ags
        AND peer.wave = own.wave
        AND peer.part_kind = own.part_kind
        AND peer.part = own.part
        AND peer.action_field = own.action_field
        AND peer.peer_kind = compared.peer_kind
    LEFT JOIN comparison.peer_group_score AS pooled
        ON pooled.wave = own.wave
        AND pooled.action_field = own.action_field
        AND pooled.part_kind = own.part_kind
        AND pooled.part = own.part
        AND pooled.peer_kind = compared.peer_kind
        AND pooled.peer_group = compared.peer_group
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
