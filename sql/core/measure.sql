-- One row is an agreed measure.
-- Grain: measure_id.
-- Inputs: raw.measure, raw.delivery.
SELECT
    concat_ws('/', delivery.ags, delivery.workshop_on, nullif(delivery.part, 'whole'), measure.sheet, measure.source_row) AS measure_id,
    delivery.ags || '/' || delivery.workshop_on AS workshop_id,
    measure.action_field,
    measure.due_on,
    measure.measure_status,
    measure.responsible,
    measure.text
FROM raw.measure AS measure
JOIN raw.delivery AS delivery USING (delivery_id)
WHERE delivery.status IN ('loaded', 'partly_quarantined')
