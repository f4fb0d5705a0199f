-- Offends: a delivery whose rows are not all loaded or quarantined.
-- Inputs: quality.reconciliation.
SELECT delivery_id, rows_expected, rows_loaded, rows_quarantined
FROM quality.reconciliation
WHERE rows_expected <> rows_loaded + rows_quarantined
