-- One row is a file in which an item is answered with the text of an answer instead of its code.
-- Grain: delivery_id.
-- Inputs: form, batch, item_cell, spelling, source_column, answer_label.
SELECT DISTINCT batch.delivery_id
FROM item_cell AS cell
JOIN (
    SELECT spelling.source_code, spelling.source_value
    FROM spelling
    JOIN source_column USING (source_code)
    JOIN answer_label
        ON answer_label.question_code = source_column.question_code
        AND answer_label.label = spelling.label
    WHERE source_column.role = 'item'
        -- A tool without codes writes the label itself; nothing is lost there.
        AND text_key(answer_label.code) <> answer_label.label
) AS long USING (source_code, source_value)
JOIN form USING (form_id)
JOIN batch USING (delivery)
