-- One row is what a text in the cell of an item means, for each state of the form's page.
-- Grain: answer_key.
-- Inputs: spelling, source_column, answer_label, scale_code.
WITH coded AS (
    SELECT
        source_column.number,
        spelling.source_code,
        spelling.source_value,
        source_column.item_code,
        source_column.is_delivered,
        spelling.filled,
        scale_code.outcome
    FROM spelling
    JOIN source_column USING (source_code)
    LEFT JOIN answer_label
        ON answer_label.question_code = source_column.question_code
        AND answer_label.label = spelling.label
    LEFT JOIN scale_code
        ON scale_code.scale = source_column.scale
        AND scale_code.code = coalesce(answer_label.code, spelling.filled)
    WHERE source_column.role = 'item'
)
SELECT
    answer_key(coded.number, coded.source_value, empty.state) AS answer_key,
    coded.source_code,
    coded.item_code,
    try_cast(coded.outcome AS INTEGER) AS value,
    CASE
        WHEN try_cast(coded.outcome AS INTEGER) IS NOT NULL THEN NULL
        WHEN coded.outcome IS NOT NULL THEN coded.outcome
        WHEN coded.filled IS NOT NULL THEN 'invalid'
        WHEN NOT coded.is_delivered THEN 'not_delivered'
        ELSE empty.reason
    END AS missing_reason,
    CASE WHEN coded.outcome IS NULL THEN coded.filled END AS invalid_value,
    CASE WHEN empty.is_unchosen THEN coded.filled END AS unchosen_value
FROM coded
CROSS JOIN (
    SELECT
        state,
        ['not_reached', 'not_chosen', 'skipped', 'unknown_reason'][state % 4 + 1] AS reason,
        state >= 4 AS is_unchosen
    FROM range(8) AS states (state)
) AS empty
