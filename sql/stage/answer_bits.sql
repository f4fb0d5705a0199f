-- One row is a form that resembles another one in its person, with a string of bits for each value
-- of the scale: one bit for each question.
-- Grain: form_id.
-- Inputs: alike_person, form, batch, raw.answer, source_column.
SELECT
    form.form_id,
    bitstring_agg(item.number, 0, getvariable('n_items')) AS answered,
    bitstring_agg(item.number, 0, getvariable('n_items')) FILTER (answer.value = 1) AS ones,
    bitstring_agg(item.number, 0, getvariable('n_items')) FILTER (answer.value = 2) AS twos,
    bitstring_agg(item.number, 0, getvariable('n_items')) FILTER (answer.value = 3) AS threes,
    bitstring_agg(item.number, 0, getvariable('n_items')) FILTER (answer.value = 4) AS fours
FROM (SELECT earlier_id AS form_id FROM alike_person UNION SELECT later_id FROM alike_person) AS alike
JOIN form USING (form_id)
JOIN batch USING (delivery)
JOIN raw.answer AS answer
    ON answer.delivery_id = batch.delivery_id AND answer.source_row = form.source_row
JOIN source_column AS item USING (source_code)
WHERE answer.value IS NOT NULL
GROUP BY form.form_id
