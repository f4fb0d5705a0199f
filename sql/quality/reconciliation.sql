-- One row is a delivery with the balance of its rows.
-- Grain: sequence.
-- Inputs: raw.delivery, raw.finding.
WITH found AS (
    SELECT
        delivery_id,
        count(*) FILTER (severity = 'critical') AS n_critical,
        count(*) FILTER (severity = 'warning') AS n_warnings
    FROM raw.finding
    GROUP BY delivery_id
)
SELECT
    delivery.delivery_id,
    delivery.sequence,
    delivery.sender,
    delivery.kind,
    delivery.wave,
    delivery.workshop_on,
    delivery.is_synthetic,
    delivery.status,
    delivery.superseded_by,
    false AS is_suppressed,
    CASE
        WHEN delivery.kind = 'selfcheck'
            THEN least(delivery.rows_expected, nullif(delivery.rows_loaded, 0))
        ELSE 0
    END AS n_forms,
    delivery.rows_expected,
    delivery.rows_loaded,
    delivery.rows_quarantined,
    delivery.rows_ignored,
    coalesce(found.n_critical, 0) AS n_critical,
    coalesce(found.n_warnings, 0) AS n_warnings
FROM raw.delivery AS delivery
LEFT JOIN found USING (delivery_id)
