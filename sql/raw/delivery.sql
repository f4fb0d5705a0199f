-- One row is a delivery: one file as received, and what became of it.
-- A newer readable file of the same sender, kind, wave or day, and part replaces the older.
-- Grain: delivery_id.
-- Inputs: raw.arrival, raw.reading.
WITH first_arrival AS (
    SELECT * FROM raw.arrival
    QUALIFY row_number() OVER (PARTITION BY sha256 ORDER BY sequence) = 1
),
slotted AS (
    SELECT
        reading.*,
        first_arrival.sequence,
        first_arrival.path,
        first_arrival.size_bytes,
        first_arrival.first_seen_at,
        CASE
            WHEN reading.kind IS NULL THEN 'unbekannt'
            ELSE coalesce(reading.place_ags, '_multi')
        END AS sender,
        lead(CASE WHEN reading.is_readable THEN reading.delivery_id END IGNORE NULLS) OVER (
            PARTITION BY
                reading.kind, reading.place_ags, reading.place_wave, reading.place_date, reading.part
            ORDER BY first_arrival.sequence
        ) AS newer
    FROM raw.reading AS reading
    JOIN first_arrival ON first_arrival.sha256 = reading.delivery_id
)
SELECT
    delivery_id,
    sequence,
    path,
    sender,
    kind,
    place_ags AS ags,
    place_wave AS wave,
    place_date AS workshop_on,
    coalesce(part, 'whole') AS part,
    size_bytes,
    first_seen_at,
    tool,
    container,
    instrument_id,
    is_synthetic,
    CASE
        WHEN NOT is_readable THEN 'quarantined'
        WHEN newer IS NOT NULL THEN 'superseded'
        WHEN rows_quarantined > 0 THEN 'partly_quarantined'
        ELSE 'loaded'
    END AS status,
    CASE WHEN is_readable THEN newer END AS superseded_by,
    rows_expected,
    rows_loaded,
    rows_quarantined,
    rows_ignored
FROM slotted
