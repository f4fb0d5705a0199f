-- One row is an answer code: a value, or the reason why there is none.
SELECT code, CAST(value AS INTEGER) AS value, missing_reason
FROM $scale_codes
