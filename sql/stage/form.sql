-- One row is a form with its single-valued columns still as text, and how far it got.
-- Grain: source_row.
-- Inputs: key_text, cell, source_column.
WITH touched AS (
    SELECT
        cell.source_row,
        bool_or(
            (source_column.role = 'item' AND cell.filled IS NOT NULL)
            OR (source_column.role = 'field_choice' AND lower(cell.filled) IN ('y', 'ja', 'yes', '1'))
        ) AS has_answered
    FROM cell
    JOIN source_column USING (source_code)
    WHERE source_column.role IN ('item', 'field_choice')
    GROUP BY cell.source_row
)
SELECT
    key_text.*,
    try_cast(key_text.last_page_text AS INTEGER) AS last_page,
    CASE
        WHEN key_text.finished_text IS NOT NULL
            THEN list_contains(getvariable('finished_cases'), lower(key_text.finished_text))
        WHEN key_text.submitted_text IS NOT NULL THEN true
        WHEN getvariable('has_submitted_at') THEN false
    END AS is_submitted,
    coalesce(touched.has_answered, false) AS has_answered,
    CASE
        WHEN key_text.finished_text IS NULL AND key_text.submitted_text IS NOT NULL THEN true
        WHEN list_contains(getvariable('finished_cases'), lower(key_text.finished_text))
            OR touched.has_answered THEN true
        WHEN try_cast(key_text.last_page_text AS INTEGER) IS NOT NULL
            AND getvariable('selection_page') > 0
            THEN try_cast(key_text.last_page_text AS INTEGER) >= getvariable('selection_page')
    END AS has_reached_selection
FROM key_text
LEFT JOIN touched USING (source_row)
