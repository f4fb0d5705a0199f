-- One row is an action field in a counted form.
-- Grain: response_id, action_field.
-- Inputs: core.answer, core.response, core.field_choice, reference.item.
SELECT
    answer.response_id,
    response.ags,
    response.wave,
    item.action_field,
    choice.is_chosen,
    count(*) AS n_items,
    count(answer.value) AS n_answers
FROM core.answer AS answer
JOIN reference.item AS item USING (item_code)
JOIN core.response AS response USING (response_id)
LEFT JOIN core.field_choice AS choice
    ON choice.response_id = answer.response_id AND choice.action_field = item.action_field
WHERE response.excluded_because IS NULL
GROUP BY answer.response_id, response.ags, response.wave, item.action_field, choice.is_chosen
