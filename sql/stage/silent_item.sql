-- One row is a delivered question that no form answers, though five or more could have.
-- Grain: source_code.
-- Inputs: raw.answer, raw.response.
SELECT answer.source_code, count(*) AS n_forms
FROM raw.answer AS answer
JOIN raw.response AS response USING (delivery_id, source_row)
WHERE answer.delivery_id = getvariable('delivery_id')
    AND coalesce(response.visit_only, response.test_case, response.test_entry) IS NULL
    AND coalesce(answer.missing_reason, '') NOT IN ('not_chosen', 'not_reached', 'not_delivered')
GROUP BY answer.source_code
HAVING count(*) >= 5
    AND count(*) FILTER (answer.missing_reason IN ('skipped', 'unknown_reason')) = count(*)
ORDER BY answer.source_code
