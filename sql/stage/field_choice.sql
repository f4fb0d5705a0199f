-- One row is an action field in a form.
-- Grain: delivery_id, source_row, action_field.
-- Inputs: form, cell, source_column.
WITH ticked AS (
    SELECT
        cell.source_row,
        source_column.source_code,
        source_column.action_field,
        is_delivered,
        filled,
        CASE
            WHEN lower(filled) IN ('y', 'ja', 'yes', '1') THEN true
            WHEN lower(filled) IN ('n', 'nein', 'no', '0', '2') THEN false
        END AS stated
    FROM cell
    JOIN source_column USING (source_code)
    WHERE source_column.role = 'field_choice'
),
selection AS (
    SELECT source_row, bool_or(coalesce(stated, false)) AS has_chosen
    FROM ticked
    GROUP BY source_row
)
SELECT
    getvariable('delivery_id') AS delivery_id,
    ticked.source_row,
    ticked.source_code,
    ticked.action_field,
    CASE
        WHEN stated THEN true
        WHEN is_delivered AND (has_chosen OR form.has_reached_selection) THEN false
    END AS is_chosen,
    CASE
        WHEN stated THEN NULL
        WHEN NOT is_delivered THEN 'not_delivered'
        WHEN has_chosen OR form.has_reached_selection THEN NULL
        WHEN form.has_reached_selection IS NULL THEN 'unknown_reason'
        ELSE 'not_reached'
    END AS missing_reason,
    CASE WHEN stated IS NULL THEN filled END AS invalid_value
FROM ticked
JOIN selection USING (source_row)
JOIN form USING (source_row)
