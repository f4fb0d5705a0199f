-- One row is a rank in a form; places left empty are left out.
-- Grain: delivery_id, source_row, rank.
-- Inputs: cell, source_column, answer_label, value_code.
WITH filled AS (
    SELECT
        cell.source_row,
        source_column.source_code,
        source_column.rank,
        value_code.target AS action_field,
        cell.filled,
        -- How many places before this one are empty.
        source_column.rank - row_number() OVER (PARTITION BY cell.source_row ORDER BY source_column.rank)
            AS n_empty
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
)
SELECT
    getvariable('delivery_id') AS delivery_id,
    source_row,
    source_code,
    rank,
    action_field,
    CASE WHEN action_field IS NULL THEN filled END AS invalid_value,
    CASE
        WHEN action_field IS NOT NULL AND row_number() OVER same > 1
            THEN (first_value(rank) OVER same)::VARCHAR
    END AS repeats_rank,
    CASE
        WHEN n_empty > coalesce(lag(n_empty) OVER (PARTITION BY source_row ORDER BY rank), 0)
            THEN rank::VARCHAR
    END AS after_gap
FROM filled
WINDOW same AS (PARTITION BY source_row, action_field ORDER BY rank)
