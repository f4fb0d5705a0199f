-- One row is a delivery that was agreed with a municipality, and whether it came.
-- Grain: ags, kind, wave. Ordered by ags.
-- Inputs: quality.expected_delivery.
SELECT ags, kind, wave, due_on, status
FROM quality.expected_delivery
ORDER BY ags, due_on, kind, wave
