-- Offends: a file of the ledger that no delivery accounts for.
-- Says: Eine Datei des Eingangsbuchs kommt in keiner Lieferung vor.
-- Inputs: raw.delivery, raw.arrival.
SELECT arrival.sha256, arrival.path
FROM raw.arrival AS arrival
LEFT JOIN raw.delivery AS delivery ON delivery.delivery_id = arrival.sha256
WHERE delivery.delivery_id IS NULL
