-- One row is a free text of a form; LimeSurvey's mark before formulas is taken off, and so are
-- e-mail addresses.
-- Grain: delivery_id, source_row, source_code.
-- Inputs: cell, source_column.
SELECT
    getvariable('delivery_id') AS delivery_id,
    cell.source_row,
    source_column.source_code,
    source_column.topic,
    source_column.action_field,
    CASE WHEN without_addresses(cell.source_value) <> cell.source_value THEN source_column.topic END
        AS address_removed,
    without_addresses(
        CASE WHEN cell.source_value LIKE '''=%' THEN cell.source_value[2:] ELSE cell.source_value END
    ) AS text
FROM cell
JOIN source_column USING (source_code)
WHERE source_column.role = 'comment'
    AND cell.source_value IS NOT NULL
    AND trim(cell.source_value) <> ''
