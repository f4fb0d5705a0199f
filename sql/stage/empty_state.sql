-- One row is a page of questions about an action field in a form: why a question there has no
-- answer, if it has none, as a number of `empty_reason`.
-- Grain: form_id, block.
-- Inputs: form, block, chosen_field.
SELECT
    form.form_id,
    block.block,
    CASE
        WHEN choice.missing_reason = 'not_reached' THEN 0
        WHEN NOT choice.is_chosen THEN 1
        WHEN form.is_submitted THEN 2
        WHEN block.page > form.last_page THEN 0
        -- Page 0: the questionnaire was taken from a file, which does not tell its pages.
        WHEN block.page = 0 OR form.last_page IS NULL OR choice.is_chosen IS NULL THEN 3
        ELSE 2
    END + CASE WHEN NOT choice.is_chosen THEN 4 ELSE 0 END AS state
FROM form
CROSS JOIN block
LEFT JOIN chosen_field AS choice
    ON choice.form_id = form.form_id
    AND choice.action_field = block.action_field
