-- One row is an item in a form: a value, or the reason why there is none.
-- Grain: delivery_id, source_row, item_code.
-- Inputs: form_answers, answer_meaning, batch.
SELECT
    batch.delivery_id,
    cell.source_row,
    meaning.source_code,
    meaning.item_code,
    meaning.value,
    meaning.missing_reason,
    meaning.invalid_value,
    meaning.unchosen_value
FROM (
    SELECT delivery, source_row, unnest(answer_keys) AS answer_key
    FROM form_answers
) AS cell
JOIN answer_meaning AS meaning USING (answer_key)
JOIN batch USING (delivery)
