-- One row is an action field in a form.
-- Grain: form_id, action_field.
-- Inputs: form, field_choice_cell, source_column, spelling.
WITH ticked AS (
    SELECT
        cell.form_id,
        source_column.source_code,
        source_column.action_field,
        source_column.is_delivered,
        spelling.filled,
        CASE
            WHEN lower(spelling.filled) IN ('y', 'ja', 'yes', '1') THEN true
            WHEN lower(spelling.filled) IN ('n', 'nein', 'no', '0', '2') THEN false
        END AS stated
    FROM field_choice_cell AS cell
    JOIN spelling USING (source_code, source_value)
    JOIN source_column USING (source_code)
),
selection AS (
    SELECT form_id, bool_or(coalesce(stated, false)) AS has_chosen
    FROM ticked
    GROUP BY form_id
)
SELECT
    form.form_id,
    form.delivery,
    form.source_row,
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
JOIN selection USING (form_id)
JOIN form USING (form_id)
