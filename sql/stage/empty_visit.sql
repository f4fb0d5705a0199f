-- One row is a form that was only opened and belongs to no municipality.
-- Grain: form_id.
-- Inputs: form, batch.
SELECT form.form_id, batch.delivery_id, form.source_row, form.response_id_text
FROM form
JOIN batch USING (delivery)
WHERE NOT form.has_answered
    AND NOT form.has_said_more
    AND form.ags_text IS NULL
    AND form.municipality_text IS NULL
    AND batch.place_ags IS NULL
ORDER BY form.form_id
