-- Offends: a field of a municipality whose items are all shown and count other answers than the field.
-- Says: Die Fragen eines Handlungsfelds zählen zusammen andere Antworten als das Handlungsfeld.
-- Inputs: comparison.item_result, comparison.action_field_score.
SELECT item.ags, item.wave, item.action_field
FROM comparison.item_result AS item
JOIN comparison.action_field_score AS field USING (ags, wave, action_field)
GROUP BY item.ags, item.wave, item.action_field
HAVING count(item.n_answers) = count(*)
    AND [sum(item.n_1), sum(item.n_2), sum(item.n_3), sum(item.n_4)]
    <> [any_value(field.n_1), any_value(field.n_2), any_value(field.n_3), any_value(field.n_4)]
