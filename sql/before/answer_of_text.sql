-- One row is an item in a form as a release of 0.6 or earlier showed it: „MS01=3 MS02=skipped“.
-- Grain: response_id, item_code.
-- Inputs: kept_response_field.
SELECT
    response_id,
    ags,
    wave,
    action_field,
    is_chosen,
    split_part(answer, '=', 1) AS item_code,
    coalesce(
        11 + try_cast(split_part(answer, '=', 2) AS INTEGER),
        list_position(
            [
                'not_chosen', 'not_delivered', 'not_reached', 'skipped', 'dont_know',
                'not_applicable', 'invalid', 'unknown_reason'
            ],
            split_part(answer, '=', 2)
        )
    ) AS code
FROM (SELECT *, unnest(string_split(answers, ' ')) AS answer FROM kept_response_field)
