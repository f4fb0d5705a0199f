-- Offends: a form that does not account for every item of its questionnaire.
-- Says: Ein Antwortbogen legt nicht über jede Frage seines Fragebogens Rechenschaft ab.
-- Inputs: core.answer, core.response, raw.reading, reference.item_source.
SELECT response.response_id, count(answer.item_code) AS n_answers, expected.n_items
FROM core.response AS response
JOIN raw.reading AS reading USING (delivery_id)
JOIN (
    SELECT instrument_id, version, count(*) AS n_items
    FROM reference.item_source
    GROUP BY instrument_id, version
) AS expected
    ON expected.instrument_id = reading.instrument_id
    AND expected.version = reading.instrument_version
LEFT JOIN core.answer AS answer USING (response_id)
GROUP BY response.response_id, expected.n_items
HAVING count(answer.item_code) <> expected.n_items
