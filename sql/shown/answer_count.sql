-- One row is a value or missing reason of an item in a municipality and wave, as it may be compared.
-- Grain: ags, wave, item_code, value, missing_reason.
-- Only blocks that stay as they were shown are counted anew, from their forms.
-- Inputs: core.answer_count, core.item_bit, shown.block, shown.response_field.
SELECT counts.*
FROM core.answer_count AS counts
JOIN shown.block AS block USING (ags, wave)
WHERE block.is_compared AND NOT block.is_kept
UNION ALL BY NAME
SELECT
    ags,
    wave,
    item_code,
    answer_value(code) AS value,
    answer_reason(code) AS missing_reason,
    count(*) AS n
FROM (
    SELECT
        field.ags,
        field.wave,
        item.item_code,
        answer_code(item.bit, field.code_1, field.code_2, field.code_4, field.code_8) AS code
    FROM shown.response_field AS field
    JOIN shown.block AS block USING (ags, wave)
    JOIN core.item_bit AS item ON item.action_field = field.action_field
    WHERE block.is_kept AND (field.asked & item.bit) > 0
)
GROUP BY ALL
