-- One row is a rank in a form; places left empty are left out.
-- Grain: delivery_id, source_row, rank.
-- Inputs: cell, source_column, answer_label, value_code.
SELECT
    getvariable('delivery_id') AS delivery_id,
    cell.source_row,
    source_column.source_code,
    source_column.rank,
    value_code.target AS action_field,
    CASE WHEN value_code.target IS NULL THEN cell.filled END AS invalid_value,
    CASE
        WHEN value_code.target IS NOT NULL
            AND row_number() OVER same > 1
            THEN (first_value(source_column.rank) OVER same)::VARCHAR
    END AS repeats_rank
FROM cell
JOIN source_column USING (source_code)
LEFT JOIN answer_label
    ON answer_label.question_code = source_column.question_code
    AND answer_label.label = cell.label
LEFT JOIN value_code
    ON value_code.question_code = source_column.question_code
    AND value_code.code = coalesce(answer_label.code, cell.filled)
WHERE source_column.role = 'priority'
    AND cell.filled IS NOT NULL
WINDOW same AS (PARTITION BY cell.source_row, value_code.target ORDER BY source_column.rank)
