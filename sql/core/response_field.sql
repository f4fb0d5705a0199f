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
    count(answer.value) AS n_answers,
    -- What the form says on the field, whole and the same in every version of the database:
    -- two states of a form are compared by it, and an earlier state is counted from it.
    string_agg(
        answer.item_code || '=' || coalesce(answer.value::VARCHAR, answer.missing_reason),
        ' ' ORDER BY answer.item_code
    ) AS answers
FROM core.answer AS answer
JOIN reference.item AS item USING (item_code)
JOIN core.response AS response USING (response_id)
LEFT JOIN core.field_choice AS choice
    ON choice.response_id = answer.response_id AND choice.action_field = item.action_field
WHERE response.excluded_because IS NULL
GROUP BY answer.response_id, response.ags, response.wave, item.action_field, choice.is_chosen
