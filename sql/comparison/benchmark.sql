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
    SELECT
        unit AS ags,
        *,
        n_answers - 1 AS df,
        -- Whole numbers: what is taken away from a sum again leaves exactly the others.
        decimal_units(mean) AS units,
        decimal_units((n_answers - 1) * sd * sd) AS squares
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
counted AS (
    SELECT
        own.*,
        member.unit_kind AS peer_kind,
        member.unit AS peer_group,
        (own.mean IS NOT NULL)::BIGINT AS n,
        (own.sd IS NOT NULL)::BIGINT AS n_spread,
        CASE WHEN own.sd IS NOT NULL THEN own.df END AS spread_df
    FROM own
    JOIN disclosure.member AS member USING (wave, action_field, ags)
),
in_group AS (
    SELECT
        wave,
        action_field,
        part_kind,
        part,
        peer_kind,
        peer_group,
        sum(n) AS n,
        sum(units) AS units,
        sum(units * units) AS units_squared,
        sum(n_spread) AS n_spread,
        sum(squares) AS squares,
        sum(spread_df) AS spread_df
    FROM counted
    GROUP BY wave, action_field, part_kind, part, peer_kind, peer_group
),
-- The group without the municipality itself, where it counts in it.
others AS (
    SELECT
        own.ags,
        own.wave,
        own.part_kind,
        own.part,
        own.action_field,
        compared.peer_kind,
        (coalesce(in_group.n, 0) - coalesce(self.n, 0))::BIGINT AS n_peers,
        in_group.units - coalesce(self.units, 0) AS units,
        in_group.units_squared - coalesce(self.units * self.units, 0) AS units_squared,
        in_group.n_spread - coalesce(self.n_spread, 0) > 0 AS has_spread,
        in_group.squares - coalesce(self.squares, 0) AS squares,
        in_group.spread_df - coalesce(self.spread_df, 0) AS spread_df
    FROM own
    JOIN compared ON compared.ags = own.ags
    LEFT JOIN in_group
        ON in_group.wave = own.wave
        AND in_group.action_field = own.action_field
        AND in_group.part_kind = own.part_kind
        AND in_group.part = own.part
        AND in_group.peer_kind = compared.peer_kind
        AND in_group.peer_group = compared.peer_group
    LEFT JOIN counted AS self
        ON self.ags = own.ags
        AND self.wave = own.wave
        AND self.action_field = own.action_field
        AND self.part_kind = own.part_kind
        AND self.part = own.part
        AND self.peer_kind = compared.peer_kind
        AND self.peer_group = compared.peer_group
),
peer AS (
    SELECT
        *,
        decimal_mean(n_peers, units) AS peer_mean,
        decimal_sd(n_peers, units, units_squared) AS peer_sd,
        CASE WHEN has_spread THEN squares / 1e12 END AS sum_of_squares,
        CASE WHEN has_spread THEN spread_df::BIGINT END AS df
    FROM others
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
        sqrt((coalesce(own.df * own.sd * own.sd, 0) + peer.sum_of_squares) / nullif(coalesce(own.df, 0) + peer.df, 0))
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
