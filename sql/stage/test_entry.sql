-- One row is a form in which a free text is nothing but a word for a test.
-- Grain: source_row.
-- Inputs: raw.comment, reference.test_word.
SELECT comment.source_row, min(comment.text) AS evidence
FROM raw.comment AS comment
JOIN reference.test_word AS test_word
    ON text_key(regexp_replace(comment.text, '[^\p{L}\p{N}]+', '', 'g')) = text_key(test_word.word)
WHERE comment.delivery_id = getvariable('delivery_id')
GROUP BY comment.source_row
