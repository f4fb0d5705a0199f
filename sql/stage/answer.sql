-- One row is an item in a form: a value, or the reason why there is none.
-- Grain: delivery_id, source_row, item_code.
-- Inputs: form, cell, source_column, answer_label, scale_code, raw.field_choice.
WITH coded AS (
    SELECT
        cell.source_row,
        source_column.source_code,
        source_column.item_code,
        source_column.action_field,
        source_column.page,
        cell.is_delivered,
        cell.filled,
        scale_code.outcome
    FROM cell
    JOIN source_column USING (source_code)
    LEFT JOIN answer_label
        ON answer_label.question_code = source_column.question_code
        AND answer_label.label = cell.label
    LEFT JOIN scale_code
        ON scale_code.scale = source_column.scale
        AND scale_code.code = coalesce(answer_label.code, cell.filled)
    WHERE source_column.role = 'item'
)
SELECT
    getvariable('delivery_id') AS delivery_id,
    coded.source_row,
    coded.source_code,
    coded.item_code,
    try_cast(coded.outcome AS INTEGER) AS value,
    CASE
        WHEN try_cast(coded.outcome AS INTEGER) IS NOT NULL THEN NULL
        WHEN coded.outcome IS NOT NULL THEN coded.outcome
        WHEN coded.filled IS NOT NULL THEN 'invalid'
        WHEN NOT coded.is_delivered THEN 'not_delivered'
        WHEN choice.missing_reason = 'not_reached' THEN 'not_reached'
        WHEN NOT choice.is_chosen THEN 'not_chosen'
        WHEN form.is_submitted THEN 'skipped'
        WHEN coded.page > form.last_page THEN 'not_reached'
        -- Page 0: the questionnaire was taken from a file, which does not tell its pages.
        WHEN coded.page = 0 OR form.last_page IS NULL OR choice.is_chosen IS NULL THEN 'unknown_reason'
        ELSE 'skipped'
    END AS missing_reason,
    CASE WHEN coded.outcome IS NULL THEN coded.filled END AS invalid_value,
    CASE WHEN NOT choice.is_chosen THEN coded.filled END AS unchosen_value
FROM coded
JOIN form USING (source_row)
LEFT JOIN raw.field_choice AS choice
    ON choice.delivery_id = getvariable('delivery_id')
    AND choice.source_row = coded.source_row
    AND choice.action_field = coded.action_field
