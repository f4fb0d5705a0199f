-- Offends: a counted form that does not account once for every item of its questionnaire.
-- Says: Ein Antwortbogen legt nicht über jede Frage seines Fragebogens genau einmal Rechenschaft ab.
-- Inputs: core.response_field, core.response, raw.reading, reference.item_source.
SELECT response.response_id, said.n_items AS n_answers, expected.n_items
FROM core.response AS response
JOIN raw.reading AS reading USING (delivery_id)
JOIN (
    SELECT instrument_id, version, count(*) AS n_items
    FROM reference.item_source
    GROUP BY instrument_id, version
) AS expected
    ON expected.instrument_id = reading.instrument_id
    AND expected.version = reading.instrument_version
LEFT JOIN (
    -- An item that stands there twice has one bit all the same.
    SELECT response_id, sum(n_items) AS n_items, sum(bit_count(asked)) AS n_different
    FROM core.response_field
    GROUP BY response_id
) AS said USING (response_id)
WHERE response.excluded_because IS NULL
    AND (coalesce(said.n_items, 0) <> expected.n_items OR said.n_different <> said.n_items)
