-- One row is an action field in a form as an earlier release showed it, written with today's bits.
-- Grain: response_id, action_field.
-- Items that there are no longer take bits above all others: what they said still tells forms apart.
-- Inputs: before_answer, core.item_bit.
WITH gone AS (
    SELECT DISTINCT action_field, item_code
    FROM before_answer
    ANTI JOIN core.item_bit USING (action_field, item_code)
),
item AS (
    SELECT action_field, item_code, bit FROM core.item_bit
    UNION ALL
    SELECT
        gone.action_field,
        gone.item_code,
        (coalesce(2 * used.bit, 1) << (row_number() OVER (PARTITION BY gone.action_field ORDER BY gone.item_code) - 1))::BIGINT
    FROM gone
    LEFT JOIN (SELECT action_field, max(bit) AS bit FROM core.item_bit GROUP BY action_field) AS used
        USING (action_field)
)
SELECT
    answer.response_id,
    answer.ags,
    answer.wave,
    answer.action_field,
    answer.is_chosen,
    count(*) AS n_items,
    count(answer_value(answer.code)) AS n_answers,
    bit_or(item.bit) AS asked,
    bit_or(CASE WHEN (answer.code & 1) > 0 THEN item.bit ELSE 0 END) AS code_1,
    bit_or(CASE WHEN (answer.code & 2) > 0 THEN item.bit ELSE 0 END) AS code_2,
    bit_or(CASE WHEN (answer.code & 4) > 0 THEN item.bit ELSE 0 END) AS code_4,
    bit_or(CASE WHEN (answer.code & 8) > 0 THEN item.bit ELSE 0 END) AS code_8
FROM before_answer AS answer
JOIN item USING (action_field, item_code)
GROUP BY answer.response_id, answer.ags, answer.wave, answer.action_field, answer.is_chosen
