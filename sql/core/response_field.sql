-- One row is an action field in a counted form, with all its answers in five numbers.
-- Grain: response_id, action_field.
-- Every item has a code: 12 to 15 for the values 1 to 4, 1 to 8 for the reasons in the order below.
-- code_8, code_4, code_2 and code_1 hold one binary digit of it, each item's at its bit; asked has
-- the bit of every item of the form. So what any items of a form say is a matter of a few numbers,
-- two states of a form are compared by them, and an earlier state is counted from them.
-- DuckDB and Spark both run this statement.
-- Inputs: core.answer, core.response, core.field_choice, core.item_bit.
WITH coded AS (
    SELECT
        answer.response_id,
        item.action_field,
        item.bit,
        answer.value,
        CASE
            WHEN answer.value IS NOT NULL THEN 11 + answer.value
            WHEN answer.missing_reason = 'not_chosen' THEN 1
            WHEN answer.missing_reason = 'not_delivered' THEN 2
            WHEN answer.missing_reason = 'not_reached' THEN 3
            WHEN answer.missing_reason = 'skipped' THEN 4
            WHEN answer.missing_reason = 'dont_know' THEN 5
            WHEN answer.missing_reason = 'not_applicable' THEN 6
            WHEN answer.missing_reason = 'invalid' THEN 7
            WHEN answer.missing_reason = 'unknown_reason' THEN 8
        END AS code
    FROM core.answer AS answer
    JOIN core.item_bit AS item ON item.item_code = answer.item_code
),
said AS (
    SELECT
        response_id,
        action_field,
        count(*) AS n_items,
        count(value) AS n_answers,
        bit_or(bit) AS asked,
        bit_or(CASE WHEN (code & 1) > 0 THEN bit ELSE 0 END) AS code_1,
        bit_or(CASE WHEN (code & 2) > 0 THEN bit ELSE 0 END) AS code_2,
        bit_or(CASE WHEN (code & 4) > 0 THEN bit ELSE 0 END) AS code_4,
        bit_or(CASE WHEN (code & 8) > 0 THEN bit ELSE 0 END) AS code_8
    FROM coded
    GROUP BY response_id, action_field
)
SELECT
    said.response_id,
    response.ags,
    response.wave,
    said.action_field,
    choice.is_chosen,
    said.n_items,
    said.n_answers,
    said.asked,
    said.code_1,
    said.code_2,
    said.code_4,
    said.code_8
FROM said
JOIN core.response AS response ON response.response_id = said.response_id
LEFT JOIN core.field_choice AS choice
    ON choice.response_id = said.response_id AND choice.action_field = said.action_field
WHERE response.excluded_because IS NULL
