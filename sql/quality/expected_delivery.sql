-- One row is a delivery that a municipality agreed to send, and whether it came.
-- Grain: ags, kind, wave, due_on.
-- Inputs: reference.expected_delivery, raw.delivery, raw.response, core.response.
WITH expected AS (
    SELECT
        *,
        -- The first workshop fulfils the promise that is due first, and so on.
        row_number() OVER (PARTITION BY ags, kind, wave ORDER BY due_on) AS ordinal
    FROM reference.expected_delivery
),
received AS (
    -- A file that came in time counts in time, also where a newer one has replaced it.
    SELECT
        delivery.kind,
        coalesce(response.ags, delivery.ags) AS ags,
        coalesce(response.wave, delivery.wave) AS wave,
        delivery.workshop_on,
        ((min(delivery.first_seen_at) AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Berlin')::DATE
            AS received_on,
        bool_or(delivery.status <> 'quarantined') AS is_readable
    FROM raw.delivery AS delivery
    LEFT JOIN raw.response AS response USING (delivery_id)
    WHERE delivery.kind IS NOT NULL
    GROUP BY ALL
),
numbered AS (
    SELECT
        kind,
        ags,
        wave,
        received_on,
        is_readable,
        CASE
            WHEN kind = 'selfcheck' THEN 1
            ELSE row_number() OVER (PARTITION BY kind, ags ORDER BY NOT is_readable, workshop_on)
        END AS ordinal
    FROM received
),
taken AS (
    SELECT DISTINCT ags, wave FROM core.response
)
SELECT
    expected.ags,
    expected.kind,
    expected.wave,
    expected.due_on,
    numbered.received_on,
    CASE
        WHEN numbered.received_on IS NULL AND expected.due_on < getvariable('as_of') THEN 'overdue'
        WHEN numbered.received_on IS NULL THEN 'open'
        WHEN NOT numbered.is_readable OR (expected.kind = 'selfcheck' AND taken.ags IS NULL)
            THEN 'kept_back'
        WHEN numbered.received_on > expected.due_on THEN 'late'
        ELSE 'on_time'
    END AS status,
    CASE
        WHEN numbered.received_on IS NOT NULL
            THEN greatest(numbered.received_on - expected.due_on, 0)
    END AS days_late
FROM expected
LEFT JOIN numbered
    ON numbered.ags = expected.ags
    AND numbered.kind = expected.kind
    AND numbered.wave IS NOT DISTINCT FROM expected.wave
    AND numbered.ordinal = expected.ordinal
LEFT JOIN taken ON taken.ags = expected.ags AND taken.wave = expected.wave
