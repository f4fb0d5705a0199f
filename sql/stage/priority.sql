-- One row is a rank in a form; places left empty are left out.
-- Grain: delivery_id, source_row, rank.
-- Inputs: form, batch, priority_cell, spelling, source_column, answer_label, value_code.
WITH filled AS (
    SELECT
        form.form_id,
        form.delivery,
        form.source_row,
        source_column.source_code,
        source_column.rank,
        value_code.target AS action_field,
        spelling.filled,
        -- How many places before this one are empty.
        source_column.rank - row_number() OVER (PARTITION BY form.form_id ORDER BY source_column.rank)
            AS n_empty
    FROM priority_cell AS cell
    JOIN form USING (form_id)
    JOIN spelling USING (source_code, source_value)
    JOIN source_column USING (source_code)
    LEFT JOIN answer_label
        ON answer_label.question_code = source_column.question_code
        AND answer_label.label = spelling.label
    LEFT JOIN value_code
        ON value_code.question_code = source_column.question_code
        AND value_code.code = coalesce(answer_label.code, spelling.filled)
    WHERE spelling.filled IS NOT NULL
)
SELECT
    batch.delivery_id,
    filled.source_row,
    filled.source_code,
    filled.rank,
    filled.action_field,
    CASE WHEN filled.action_field IS NULL THEN filled.filled END AS invalid_value,
    CASE
        WHEN filled.action_field IS NOT NULL AND row_number() OVER same > 1
            THEN (first_value(filled.rank) OVER same)::VARCHAR
    END AS repeats_rank,
    CASE
        WHEN n_empty > coalesce(lag(n_empty) OVER (PARTITION BY form_id ORDER BY rank), 0)
            THEN rank::VARCHAR
    END AS after_gap
FROM filled
JOIN batch USING (delivery)
WINDOW same AS (PARTITION BY form_id, action_field ORDER BY rank)
