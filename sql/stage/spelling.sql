-- One row is a text that stands in the cells of a coded question: read once, however often it stands.
-- Grain: source_code, source_value.
-- Inputs: item_cell, field_choice_cell, priority_cell, source_column, choice_piece.
SELECT
    cell.source_code,
    cell.source_value,
    CASE
        -- Of a cell that lists all chosen fields: whether it holds this one.
        WHEN source_column.is_listed
            THEN CASE WHEN EXISTS (
                SELECT 1
                FROM choice_piece
                WHERE choice_piece.derived_code = cell.source_code
                    AND choice_piece.source_value = cell.source_value
            ) THEN 'Y' END
        WHEN trim(cell.source_value) NOT IN ('', 'N/A') THEN trim(cell.source_value)
    END AS filled,
    nullif(text_key(cell.source_value), '') AS label
FROM (
    SELECT DISTINCT source_code, source_value FROM item_cell
    UNION ALL
    SELECT DISTINCT source_code, source_value FROM field_choice_cell
    UNION ALL
    SELECT DISTINCT source_code, source_value FROM priority_cell
) AS cell
JOIN source_column USING (source_code)
