-- One row is the one delivery that was checked by day, as the reports on deliveries know it.
-- Grain: delivery_id.
-- Inputs: raw.reading, raw.response.
SELECT
    delivery_id, coalesce(kind, ''), place_ags,
    CASE
        WHEN place_wave IS NOT NULL THEN [place_wave]
        ELSE coalesce((SELECT list(DISTINCT wave ORDER BY wave) FROM raw.response), [])
    END,
    place_date, coalesce(part, 'whole'), container, is_synthetic, is_readable,
    rows_loaded, rows_quarantined
FROM raw.reading
