-- One row is a form in which a free text is nothing but a word for a test.
-- Grain: delivery_id, source_row.
-- Inputs: batch, raw.comment, reference.test_word.
SELECT comment.delivery_id, comment.source_row, min(comment.text) AS evidence
FROM raw.comment AS comment
JOIN batch USING (delivery_id)
JOIN reference.test_word AS test_word
    ON text_key(regexp_replace(comment.text, '[^\p{L}\p{N}]+', '', 'g')) = text_key(test_word.word)
GROUP BY comment.delivery_id, comment.source_row
