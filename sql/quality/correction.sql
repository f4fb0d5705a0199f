-- One row is a correction and what became of it, in the delivery that counts.
-- A delivery in force counts before a superseded one, a failed expectation before a success.
-- Grain: correction.
-- Inputs: reference.correction, raw.correction_use, raw.delivery.
WITH met AS (
    SELECT
        correction.correction,
        correction_use.delivery_id,
        delivery.sequence,
        delivery.status = 'superseded' AS is_superseded,
        CASE
            WHEN correction_use.outcome <> 'not_found' THEN correction_use.outcome
            -- The bytes of a file named by its hash do not change: the correction is wrong.
            WHEN correction.file IS NOT NULL THEN 'expectation_failed'
            ELSE 'unused'
        END AS outcome
    FROM reference.correction AS correction
    JOIN raw.correction_use AS correction_use USING (correction)
    JOIN raw.delivery AS delivery ON delivery.delivery_id = correction_use.delivery_id
),
best AS (
    SELECT *
    FROM met
    WHERE outcome <> 'unused'
    QUALIFY row_number() OVER (
        PARTITION BY correction
        ORDER BY is_superseded, outcome = 'applied', sequence DESC
    ) = 1
)
SELECT
    correction.correction,
    correction.action,
    best.delivery_id,
    CASE
        WHEN best.correction IS NULL THEN 'unused'
        WHEN best.is_superseded THEN 'only_superseded'
        ELSE best.outcome
    END AS outcome,
    correction.reason,
    correction.said_by,
    correction.said_on
FROM reference.correction AS correction
LEFT JOIN best USING (correction)
