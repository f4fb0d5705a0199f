-- One row is an item in a form as an earlier release showed it, read by the bits of that release.
-- Grain: response_id, item_code.
-- Inputs: kept_response_field, kept_item_bit.
SELECT
    field.response_id,
    field.ags,
    field.wave,
    field.action_field,
    field.is_chosen,
    item.item_code,
    answer_code(item.bit, field.code_1, field.code_2, field.code_4, field.code_8) AS code
FROM kept_response_field AS field
JOIN kept_item_bit AS item USING (action_field)
WHERE (field.asked & item.bit) > 0
