-- One row is a value or missing reason of an item in a municipality and wave, as it may be compared.
-- Grain: ags, wave, item_code, value, missing_reason.
-- Inputs: core.answer_count, shown.block, shown.response_field.
SELECT counts.*
FROM core.answer_count AS counts
JOIN shown.block AS block USING (ags, wave)
WHERE block.is_compared AND NOT block.is_kept
UNION ALL BY NAME
SELECT
    ags,
    wave,
    split_part(answer, '=', 1) AS item_code,
    try_cast(split_part(answer, '=', 2) AS INTEGER) AS value,
    CASE
        WHEN try_cast(split_part(answer, '=', 2) AS INTEGER) IS NULL THEN split_part(answer, '=', 2)
    END AS missing_reason,
    count(*) AS n
FROM (
    SELECT field.ags, field.wave, unnest(string_split(field.answers, ' ')) AS answer
    FROM shown.response_field AS field
    JOIN shown.block AS block USING (ags, wave)
    WHERE block.is_kept
)
GROUP BY ALL
