-- Offends: a delivery whose rows are not all loaded or quarantined.
-- Says: Die Zeilen einer Lieferung sind nicht alle übernommen oder zurückgestellt.
-- Inputs: quality.reconciliation.
SELECT delivery_id, rows_expected, rows_loaded, rows_quarantined
FROM quality.reconciliation
WHERE rows_expected <> rows_loaded + rows_quarantined
