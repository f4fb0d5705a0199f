-- One row is a workshop of a municipality on a day; the folder names both.
-- Grain: workshop_id.
-- Inputs: raw.delivery, raw.workshop.
SELECT
    delivery.ags || '/' || delivery.workshop_on AS workshop_id,
    delivery.ags,
    delivery.workshop_on AS held_on,
    row_number() OVER (PARTITION BY delivery.ags ORDER BY delivery.workshop_on) AS ordinal,
    -- What the template says goes before the tool a board was made with.
    coalesce(max(workshop.format) FILTER (workshop.source_row > 0), max(workshop.format)) AS format,
    bool_or(delivery.is_synthetic) AS is_synthetic
FROM raw.delivery AS delivery
LEFT JOIN raw.workshop AS workshop USING (delivery_id)
WHERE delivery.kind = 'workshop' AND delivery.status IN ('loaded', 'partly_quarantined')
GROUP BY delivery.ags, delivery.workshop_on
