-- One row is an item in a form: a value, or the reason why there is none.
WITH cell AS (
    SELECT *
    FROM $wide
    UNPIVOT INCLUDE NULLS (code FOR source_code IN ($item_columns))
)
SELECT
    cell.response_id,
    item.item_code,
    scale_code.value,
    CASE
        WHEN scale_code.code IS NOT NULL THEN scale_code.missing_reason
        WHEN cell.code IS NOT NULL THEN 'invalid'
        WHEN CASE item.action_field
            WHEN 'MS' THEN cell."HF[MS]"
            WHEN 'IA' THEN cell."HF[IA]"
            WHEN 'FZ' THEN cell."HF[FZ]"
            WHEN 'AW' THEN cell."HF[AW]"
            WHEN 'EB' THEN cell."HF[EB]"
            WHEN 'ZB' THEN cell."HF[ZB]"
            WHEN 'KK' THEN cell."HF[KK]"
        END IS DISTINCT FROM 'Y' THEN 'not_chosen'
        WHEN cell.submitdate IS NULL AND item.page > CAST(cell.lastpage AS INTEGER) THEN 'not_reached'
        ELSE 'skipped'
    END AS missing_reason
FROM cell
JOIN $item AS item ON item.source_code = cell.source_code
LEFT JOIN $scale_code AS scale_code ON scale_code.code = cell.code
