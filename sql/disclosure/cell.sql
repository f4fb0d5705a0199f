-- One row is a cell: a part of an action field in a municipality or group, and a wave.
-- Grain: wave, action_field, unit_kind, unit, part_kind, part.
-- Every figure on answers that is published follows from one of these rows. n_1 to n_4 count
-- answers after polarity: 5 - value where agreement is unfavourable.
-- Inputs: shown.answer_count, shown.response, shown.response_field, shown.block, reference.item,
-- core.item_bit, disclosure.part, disclosure.member.
WITH item_cell AS (
    SELECT
        counts.ags,
        counts.wave,
        item.action_field,
        counts.item_code,
        after_polarity(counts.value, item.polarity) AS x,
        counts.missing_reason,
        counts.n
    FROM shown.answer_count AS counts
    JOIN reference.item AS item USING (item_code)
),
part_bits AS (
    SELECT
        part.ags,
        part.wave,
        part.action_field,
        part.part_kind,
        part.part,
        bit_or(item.bit) AS bits
    FROM disclosure.part AS part
    JOIN core.item_bit AS item USING (item_code)
    WHERE part.part_kind IN ('sub_theme', 'common')
    GROUP BY part.ags, part.wave, part.action_field, part.part_kind, part.part
),
answering AS (
    SELECT
        field.ags,
        field.wave,
        field.action_field,
        part.part_kind,
        part.part,
        count(*) AS n_respondents
    FROM shown.response_field AS field
    JOIN part_bits AS part USING (ags, wave, action_field)
    WHERE (answered_bits(field.code_4, field.code_8) & part.bits) > 0
    GROUP BY ALL
    UNION ALL
    SELECT ags, wave, action_field, 'field', action_field, count(*)
    FROM shown.response_field
    WHERE n_answers > 0
    GROUP BY ags, wave, action_field
    UNION ALL
    SELECT ags, wave, action_field, 'item', item_code, sum(n)::BIGINT
    FROM item_cell
    WHERE x IS NOT NULL
    GROUP BY ags, wave, action_field, item_code
),
chosen AS (
    SELECT
        ags,
        wave,
        action_field,
        count(*) FILTER (is_chosen) AS n_chosen,
        count(*) FILTER (is_chosen IS NULL) AS n_undecided
    FROM shown.response_field
    GROUP BY ags, wave, action_field
),
counted AS (
    SELECT
        cell.wave,
        cell.action_field,
        cell.ags,
        part.part_kind,
        part.part,
        count(DISTINCT cell.item_code) AS n_items,
        coalesce(sum(cell.n) FILTER (cell.x = 1), 0)::BIGINT AS n_1,
        coalesce(sum(cell.n) FILTER (cell.x = 2), 0)::BIGINT AS n_2,
        coalesce(sum(cell.n) FILTER (cell.x = 3), 0)::BIGINT AS n_3,
        coalesce(sum(cell.n) FILTER (cell.x = 4), 0)::BIGINT AS n_4,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'not_chosen'), 0)::BIGINT AS n_not_chosen,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'not_delivered'), 0)::BIGINT AS n_not_delivered,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'not_reached'), 0)::BIGINT AS n_not_reached,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'skipped'), 0)::BIGINT AS n_skipped,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'dont_know'), 0)::BIGINT AS n_dont_know,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'not_applicable'), 0)::BIGINT AS n_not_applicable,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'invalid'), 0)::BIGINT AS n_invalid,
        coalesce(sum(cell.n) FILTER (cell.missing_reason = 'unknown_reason'), 0)::BIGINT AS n_unknown_reason
    FROM item_cell AS cell
    JOIN disclosure.part AS part USING (ags, wave, item_code)
    GROUP BY cell.wave, cell.action_field, cell.ags, part.part_kind, part.part
),
origin AS (
    SELECT ags, wave, bool_or(is_synthetic) AS is_synthetic
    FROM shown.response
    GROUP BY ags, wave
),
municipality AS (
    SELECT
        counted.wave,
        counted.action_field,
        'municipality' AS unit_kind,
        counted.ags AS unit,
        counted.part_kind,
        counted.part,
        origin.is_synthetic,
        1::BIGINT AS n_municipalities,
        block.n_responses,
        coalesce(chosen.n_chosen, 0) AS n_chosen,
        coalesce(chosen.n_undecided, 0) AS n_undecided,
        coalesce(answering.n_respondents, 0) AS n_respondents,
        counted.* EXCLUDE (wave, action_field, ags, part_kind, part)
    FROM counted
    JOIN shown.block AS block USING (ags, wave)
    JOIN origin USING (ags, wave)
    LEFT JOIN chosen USING (ags, wave, action_field)
    LEFT JOIN answering USING (ags, wave, action_field, part_kind, part)
)
FROM municipality
UNION ALL BY NAME
SELECT
    cell.wave,
    cell.action_field,
    member.unit_kind,
    member.unit,
    cell.part_kind,
    cell.part,
    bool_or(cell.is_synthetic) AS is_synthetic,
    count(*) FILTER (cell.n_respondents > 0) AS n_municipalities,
    max(cell.n_items) AS n_items,
    sum(cell.n_responses)::BIGINT AS n_responses,
    sum(cell.n_chosen)::BIGINT AS n_chosen,
    sum(cell.n_undecided)::BIGINT AS n_undecided,
    sum(cell.n_respondents)::BIGINT AS n_respondents,
    sum(cell.n_1)::BIGINT AS n_1,
    sum(cell.n_2)::BIGINT AS n_2,
    sum(cell.n_3)::BIGINT AS n_3,
    sum(cell.n_4)::BIGINT AS n_4,
    sum(cell.n_not_chosen)::BIGINT AS n_not_chosen,
    sum(cell.n_not_delivered)::BIGINT AS n_not_delivered,
    sum(cell.n_not_reached)::BIGINT AS n_not_reached,
    sum(cell.n_skipped)::BIGINT AS n_skipped,
    sum(cell.n_dont_know)::BIGINT AS n_dont_know,
    sum(cell.n_not_applicable)::BIGINT AS n_not_applicable,
    sum(cell.n_invalid)::BIGINT AS n_invalid,
    sum(cell.n_unknown_reason)::BIGINT AS n_unknown_reason
FROM municipality AS cell
JOIN disclosure.member AS member
    ON member.wave = cell.wave AND member.action_field = cell.action_field AND member.ags = cell.unit
WHERE cell.part_kind IN ('field', 'sub_theme') OR (member.unit_kind = 'all' AND cell.part_kind = 'item')
GROUP BY cell.wave, cell.action_field, member.unit_kind, member.unit, cell.part_kind, cell.part
