-- One row is an action field in a municipality, and two waves that followed each other there.
-- Grain: ags, wave_from, wave_to, action_field.
-- Means over all answers on the items asked in both waves, after polarity: x = 5 − value where
-- agreement is unfavourable. change = mean_to − mean_from.
-- Interval: 95 % percentile bootstrap (Efron and Tibshirani 1993, chapter 13). Forms are anonymous
-- and not paired, so each wave is resampled by itself: from the forms with an answer as many as
-- there are, with replacement and whole. Forms are taken in the order of their number of answers
-- and their sum, and drawn with random_stream and random_place, key „ags wave wave_from-wave_to
-- action_field“; so the interval follows from the answers and these words alone. It is rounded to
-- two places: from its exact ends and the known draws single forms could be computed.
-- Above n_resampled_forms in either wave nothing is drawn: the interval is change ± 1.96 · √(variance
-- of both means), by ratio_variance, which the bootstrap's interval has come to by then.
-- Composition has changed where the items differ, or n_respondents by more than half of the earlier.
-- Inputs: disclosure.figure, disclosure.part, shown.answer_count, shown.response,
-- shown.response_field, core.item_bit, reference.item, reference.wave.
WITH present AS (
    SELECT ags, wave, lag(wave) OVER (PARTITION BY ags ORDER BY position) AS wave_before
    FROM (
        SELECT DISTINCT part.ags, part.wave, wave.position
        FROM disclosure.part AS part
        JOIN reference.wave AS wave USING (wave)
    )
),
asked AS (
    SELECT counts.ags, counts.wave, item.action_field, count(DISTINCT counts.item_code) AS n_items
    FROM shown.answer_count AS counts
    JOIN reference.item AS item USING (item_code)
    WHERE counts.missing_reason IS DISTINCT FROM 'not_delivered'
    GROUP BY counts.ags, counts.wave, item.action_field
),
common AS (
    SELECT ags, part, action_field, count(DISTINCT item_code) AS n_items
    FROM disclosure.part
    WHERE part_kind = 'common'
    GROUP BY ags, part, action_field
),
instrument AS (
    SELECT
        ags,
        wave,
        string_agg(DISTINCT instrument_id, ', ' ORDER BY instrument_id) AS instruments
    FROM shown.response
    GROUP BY ags, wave
),
pair AS (
    SELECT
        later.ags,
        later.wave_before AS wave_from,
        later.wave AS wave_to,
        later.wave_before || '-' || later.wave AS part,
        common.action_field,
        common.n_items AS n_items_common,
        asked_from.n_items AS n_items_from,
        asked_to.n_items AS n_items_to,
        instrument_from.instruments AS instrument_from,
        instrument_to.instruments AS instrument_to,
        figure_from.is_synthetic OR figure_to.is_synthetic AS is_synthetic,
        CASE
            WHEN 'confidential' IN (figure_from.withheld_because, figure_to.withheld_because) THEN 'confidential'
            ELSE coalesce(figure_from.withheld_because, figure_to.withheld_because)
        END AS withheld_because,
        figure_from.n_respondents AS n_respondents_from,
        figure_to.n_respondents AS n_respondents_to,
        figure_from.mean AS mean_from,
        figure_to.mean AS mean_to
    FROM present AS later
    JOIN common
        ON common.ags = later.ags AND common.part = later.wave_before || '-' || later.wave
    JOIN asked AS asked_from
        ON asked_from.ags = later.ags
        AND asked_from.wave = later.wave_before
        AND asked_from.action_field = common.action_field
    JOIN asked AS asked_to
        ON asked_to.ags = later.ags
        AND asked_to.wave = later.wave
        AND asked_to.action_field = common.action_field
    JOIN instrument AS instrument_from
        ON instrument_from.ags = later.ags AND instrument_from.wave = later.wave_before
    JOIN instrument AS instrument_to
        ON instrument_to.ags = later.ags AND instrument_to.wave = later.wave
    JOIN disclosure.figure AS figure_from
        ON figure_from.unit_kind = 'municipality'
        AND figure_from.unit = later.ags
        AND figure_from.wave = later.wave_before
        AND figure_from.action_field = common.action_field
        AND figure_from.part_kind = 'common'
        AND figure_from.part = common.part
    JOIN disclosure.figure AS figure_to
        ON figure_to.unit_kind = 'municipality'
        AND figure_to.unit = later.ags
        AND figure_to.wave = later.wave
        AND figure_to.action_field = common.action_field
        AND figure_to.part_kind = 'common'
        AND figure_to.part = common.part
),
part_bits AS (
    SELECT
        part.ags,
        part.wave,
        part.part,
        part.action_field,
        bit_or(bits.bit) AS bits,
        coalesce(bit_or(bits.bit) FILTER (item.polarity = -1), 0) AS reversed
    FROM disclosure.part AS part
    JOIN core.item_bit AS bits USING (item_code)
    JOIN reference.item AS item USING (item_code)
    WHERE part.part_kind = 'common'
    GROUP BY part.ags, part.wave, part.part, part.action_field
),
said AS (
    SELECT
        field.ags,
        field.wave,
        pair.part,
        field.action_field,
        answered_bits(field.code_4, field.code_8) & part.bits AS given,
        given & part.reversed AS given_reversed,
        given & ~part.reversed AS given_plain,
        field.code_1,
        field.code_2
    FROM shown.response_field AS field
    JOIN pair
        ON pair.ags = field.ags
        AND pair.action_field = field.action_field
        AND field.wave IN (pair.wave_from, pair.wave_to)
    JOIN part_bits AS part
        ON part.ags = field.ags
        AND part.wave = field.wave
        AND part.part = pair.part
        AND part.action_field = field.action_field
    WHERE pair.withheld_because IS NULL
),
form AS (
    SELECT
        ags,
        wave,
        part,
        action_field,
        bit_count(given)::BIGINT AS n,
        answers_total(given_plain, code_1, code_2)
        + 5 * bit_count(given_reversed)::BIGINT - answers_total(given_reversed, code_1, code_2)
            AS total
    FROM said
    WHERE given > 0
),
cell AS (
    SELECT
        ags,
        wave,
        part,
        action_field,
        ratio_variance(n, total) AS variance,
        max(count(*)) OVER (PARTITION BY ags, part, action_field) <= n_resampled_forms() AS is_resampled
    FROM form
    GROUP BY ags, wave, part, action_field
),
placed AS (
    SELECT
        dense_rank() OVER (ORDER BY ags, wave, part, action_field) AS cell,
        row_number() OVER (PARTITION BY ags, wave, part, action_field ORDER BY n, total) AS place,
        form.*
    FROM form
    JOIN cell USING (ags, wave, part, action_field)
    WHERE cell.is_resampled
),
stream AS (
    SELECT
        cell.*,
        replicate,
        random_stream(cell.ags || ' ' || cell.wave || ' ' || cell.part || ' ' || cell.action_field, replicate)
            AS stream
    FROM (
        SELECT cell, ags, wave, part, action_field, count(*) AS n_forms
        FROM placed
        GROUP BY cell, ags, wave, part, action_field
    ) AS cell
    CROSS JOIN range(1, n_replicates() + 1) AS replicates (replicate)
),
draw AS (
    SELECT cell, replicate, random_place(stream, unnest(range(1, n_forms + 1)), n_forms) AS place
    FROM stream
),
resample AS (
    SELECT draw.cell, draw.replicate, sum(placed.total) / sum(placed.n) AS mean
    FROM draw
    JOIN placed USING (cell, place)
    GROUP BY draw.cell, draw.replicate
),
resampled AS (
    SELECT stream.ags, stream.wave, stream.part, stream.action_field, replicate, resample.mean
    FROM stream
    JOIN resample USING (cell, replicate)
),
bounds AS (
    SELECT
        pair.ags,
        pair.part,
        pair.action_field,
        percentile_low(later.mean - earlier.mean) AS ci_low,
        percentile_high(later.mean - earlier.mean) AS ci_high,
        n_replicates() AS n_replicates
    FROM pair
    JOIN resampled AS earlier
        ON earlier.ags = pair.ags
        AND earlier.part = pair.part
        AND earlier.action_field = pair.action_field
        AND earlier.wave = pair.wave_from
    JOIN resampled AS later
        ON later.ags = pair.ags
        AND later.part = pair.part
        AND later.action_field = pair.action_field
        AND later.wave = pair.wave_to
        AND later.replicate = earlier.replicate
    GROUP BY pair.ags, pair.part, pair.action_field
    UNION ALL
    SELECT
        pair.ags,
        pair.part,
        pair.action_field,
        pair.mean_to - pair.mean_from - 1.959963984540054e0 * sqrt(earlier.variance + later.variance),
        pair.mean_to - pair.mean_from + 1.959963984540054e0 * sqrt(earlier.variance + later.variance),
        NULL
    FROM pair
    JOIN cell AS earlier
        ON earlier.ags = pair.ags
        AND earlier.part = pair.part
        AND earlier.action_field = pair.action_field
        AND earlier.wave = pair.wave_from
    JOIN cell AS later
        ON later.ags = pair.ags
        AND later.part = pair.part
        AND later.action_field = pair.action_field
        AND later.wave = pair.wave_to
    WHERE NOT earlier.is_resampled
)
SELECT
    pair.ags,
    pair.wave_from,
    pair.wave_to,
    pair.action_field,
    pair.is_synthetic,
    pair.withheld_because,
    pair.instrument_from,
    pair.instrument_to,
    pair.n_items_common,
    pair.n_items_from,
    pair.n_items_to,
    CASE WHEN is_open THEN pair.n_respondents_from END AS n_respondents_from,
    CASE WHEN is_open THEN pair.n_respondents_to END AS n_respondents_to,
    CASE
        WHEN pair.n_items_common < greatest(pair.n_items_from, pair.n_items_to) THEN true
        WHEN is_open THEN 2 * abs(pair.n_respondents_to - pair.n_respondents_from) > pair.n_respondents_from
    END AS is_composition_changed,
    CASE WHEN is_open THEN pair.mean_from END AS mean_from,
    CASE WHEN is_open THEN pair.mean_to END AS mean_to,
    CASE WHEN is_open THEN pair.mean_to - pair.mean_from END AS change,
    round(bounds.ci_low, 2) AS ci_low,
    round(bounds.ci_high, 2) AS ci_high,
    bounds.n_replicates
FROM (SELECT *, withheld_because IS DISTINCT FROM 'confidential' AS is_open FROM pair) AS pair
LEFT JOIN bounds USING (ags, part, action_field)
