-- One row is a delivered question of a file that no form answers, though five or more could have.
-- Grain: delivery_id, source_code.
-- Inputs: batch, raw.answer, raw.response.
SELECT answer.delivery_id, answer.source_code, count(*) AS n_forms
FROM raw.answer AS answer
ANTI JOIN (
    SELECT delivery_id, source_row
    FROM raw.response
    WHERE coalesce(visit_only, test_case, test_entry) IS NOT NULL
) AS uncounted USING (delivery_id, source_row)
WHERE answer.delivery_id IN (SELECT delivery_id FROM batch)
    AND (
        answer.missing_reason IS NULL
        OR answer.missing_reason NOT IN ('not_chosen', 'not_reached', 'not_delivered')
    )
GROUP BY answer.delivery_id, answer.source_code
HAVING count(*) >= 5
    AND count(*) FILTER (answer.missing_reason IN ('skipped', 'unknown_reason')) = count(*)
ORDER BY answer.delivery_id, answer.source_code
