-- Offends: an answer with both a value and a missing reason, or with neither.
-- Says: Eine Antwort hat zugleich Wert und Fehlgrund oder keines von beiden.
-- Inputs: core.answer.
SELECT response_id, item_code, value, missing_reason
FROM core.answer
WHERE (value IS NULL) = (missing_reason IS NULL)
