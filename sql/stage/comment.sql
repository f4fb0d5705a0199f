-- One row is a free text of a form; LimeSurvey's mark before formulas is taken off, and so are
-- e-mail addresses.
-- Grain: delivery_id, source_row, source_code.
-- Inputs: form, batch, comment_cell, source_column.
SELECT
    batch.delivery_id,
    form.source_row,
    source_column.source_code,
    source_column.topic,
    source_column.action_field,
    CASE WHEN without_addresses(cell.source_value) <> cell.source_value THEN source_column.topic END
        AS address_removed,
    -- A letter that a Windows code page lacks becomes a question mark, which then stands where
    -- nobody would type one: before a letter, a digit or a mark, or by itself.
    CASE
        WHEN getvariable('encoding') = 'cp1252'
            AND regexp_matches(cell.source_value, '\?[\p{L}\p{N}.,;:?]|(^|\s)\?')
            THEN source_column.topic
    END AS letters_replaced,
    CASE
        WHEN regexp_full_match(
            trim(cell.source_value),
            '[+-]?[0-9]+([.,][0-9]+)?(E[+-]?[0-9]+)?'
            || '|[0-9]{1,2}\. ?(Jan|Feb|Mrz|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)( [0-9]{2,4})?'
            || '|#(VALUE|WERT|NAME|REF|BEZUG|N/A|NV|DIV/0|NUM|ZAHL|NULL)[!?]?',
            'i'
        ) THEN source_column.topic
    END AS maybe_converted,
    without_addresses(
        CASE WHEN cell.source_value LIKE '''=%' THEN cell.source_value[2:] ELSE cell.source_value END
    ) AS text
FROM comment_cell AS cell
JOIN form USING (form_id)
JOIN batch USING (delivery)
JOIN source_column USING (source_code)
WHERE trim(cell.source_value) <> ''
