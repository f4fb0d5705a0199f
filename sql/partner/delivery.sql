-- One row is a file, with those of its rows that belong to one municipality.
-- Grain: ags, delivery_id. Ordered by ags.
-- Inputs: raw.delivery, raw.response, quality.quarantine.
WITH taken AS (
    SELECT ags, delivery_id, count(*) AS n, list_sort(list(DISTINCT wave)) AS waves
    FROM raw.response
    GROUP BY ags, delivery_id
),
kept AS (
    SELECT
        ags,
        delivery_id,
        count(*) AS n,
        list_sort(list(DISTINCT wave) FILTER (wave IS NOT NULL)) AS waves
    FROM quality.quarantine
    GROUP BY ags, delivery_id
),
delivery AS (
    SELECT
        *,
        max(sequence) FILTER (status <> 'quarantined')
            OVER (PARTITION BY kind, ags, wave, workshop_on) AS newest_readable
    FROM raw.delivery
    WHERE kind IS NOT NULL
),
place AS (
    SELECT ags, delivery_id FROM delivery WHERE ags IS NOT NULL
    UNION
    SELECT rows_of.ags, delivery_id
    FROM (SELECT ags, delivery_id FROM taken UNION ALL SELECT ags, delivery_id FROM kept) AS rows_of
    JOIN delivery USING (delivery_id)
    WHERE delivery.ags IS NULL AND rows_of.ags IS NOT NULL
)
SELECT
    place.ags,
    delivery.delivery_id,
    delivery.sequence,
    delivery.kind,
    CASE
        WHEN delivery.wave IS NOT NULL THEN [delivery.wave]
        ELSE list_sort(
            list_distinct(list_concat(coalesce(taken.waves, []), coalesce(kept.waves, [])))
        )
    END AS waves,
    delivery.workshop_on,
    delivery.part,
    CASE WHEN delivery.ags IS NOT NULL THEN delivery.size_bytes END AS size_bytes,
    delivery.first_seen_at,
    delivery.container,
    delivery.is_synthetic,
    delivery.status <> 'quarantined' AS is_readable,
    delivery.ags IS NULL AS is_shared,
    delivery.superseded_by,
    delivery.status = 'quarantined'
        AND coalesce(delivery.newest_readable > delivery.sequence, false) AS settled,
    CASE WHEN delivery.ags IS NULL THEN coalesce(taken.n, 0) ELSE delivery.rows_loaded END AS taken,
    CASE
        WHEN delivery.ags IS NULL THEN coalesce(kept.n, 0)
        ELSE delivery.rows_quarantined
    END AS kept_back
FROM place
JOIN delivery USING (delivery_id)
LEFT JOIN taken ON taken.delivery_id = place.delivery_id AND taken.ags = place.ags
LEFT JOIN kept ON kept.delivery_id = place.delivery_id AND kept.ags = place.ags
ORDER BY place.ags, delivery.sequence
