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
    answer_item(answer) AS item_code,
    answer_value(answer) AS value,
    answer_reason(answer) AS missing_reason,
    count(*) AS n
FROM (
    SELECT field.ags, field.wave, unnest(string_split(field.answers, ' ')) AS answer
    FROM shown.response_field AS field
    JOIN shown.block AS block USING (ags, wave)
    WHERE block.is_kept
)
GROUP BY ALL
