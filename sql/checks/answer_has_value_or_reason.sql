-- Offends: an answer with both a value and a missing reason, or with neither.
-- Inputs: core.answer.
SELECT response_id, item_code, value, missing_reason
FROM core.answer
WHERE (value IS NULL) = (missing_reason IS NULL)
