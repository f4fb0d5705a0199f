-- One row is a form as it was delivered, every cell as text.
SELECT concat_ws('/', "AGS", welle, '352021', id) AS response_id, *
FROM $forms
