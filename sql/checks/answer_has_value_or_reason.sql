-- Offends: answers with both a value and a missing reason, or with neither.
-- Says: Eine Antwort hat zugleich Wert und Fehlgrund oder keines von beiden.
-- Inputs: core.answer_count.
SELECT ags, wave, item_code, value, missing_reason
FROM core.answer_count
WHERE (value IS NULL) = (missing_reason IS NULL)
