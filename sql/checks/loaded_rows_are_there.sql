-- Offends: a self-check whose loaded rows are not the forms of the raw tables.
-- Says: Ein Selbstcheck gibt andere Bögen an, als übernommen sind.
-- Inputs: raw.delivery, raw.response.
SELECT delivery.delivery_id, delivery.rows_loaded, count(response.source_row) AS forms
FROM raw.delivery AS delivery
LEFT JOIN raw.response AS response USING (delivery_id)
WHERE delivery.kind = 'selfcheck' AND delivery.status <> 'quarantined'
GROUP BY delivery.delivery_id, delivery.rows_loaded
HAVING count(response.source_row) <> delivery.rows_loaded
