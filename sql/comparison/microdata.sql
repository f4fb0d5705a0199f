-- One row is an answer of a form under a pseudonym, for those who may compute with single forms.
-- Grain: wave, form, item_code.
-- Empty unless the setting `microdata` is on. Instead of the municipality stand its size class and
-- region. The number of a form follows from what it says and lasts for one release only.
-- Inputs: shown.response_field, core.item_bit, reference.item, reference.peer_group.
WITH said AS (
    SELECT
        field.response_id,
        field.ags,
        field.wave,
        field.action_field,
        item.item_code,
        answer_code(item.bit, field.code_1, field.code_2, field.code_4, field.code_8) AS code
    FROM shown.response_field AS field
    JOIN core.item_bit AS item ON item.action_field = field.action_field
    WHERE getvariable('microdata') AND (field.asked & item.bit) > 0
),
form AS (
    SELECT
        response_id,
        any_value(ags) AS ags,
        any_value(wave) AS wave,
        md5(string_agg(
            item_code || '=' || coalesce(answer_value(code)::VARCHAR, answer_reason(code)),
            ' ' ORDER BY action_field, item_code
        )) AS content
    FROM said
    GROUP BY response_id
),
numbered AS (
    SELECT
        response_id,
        ags,
        row_number() OVER (PARTITION BY wave ORDER BY content, response_id) AS form
    FROM form
)
SELECT
    said.wave,
    numbered.form,
    item.item_code,
    size.peer_group AS size_class,
    region.peer_group AS macro_region,
    after_polarity(answer_value(said.code), item.polarity) AS x,
    answer_reason(said.code) AS missing_reason
FROM said
JOIN numbered USING (response_id)
JOIN reference.item AS item USING (item_code)
LEFT JOIN reference.peer_group AS size ON size.ags = numbered.ags AND size.peer_kind = 'size_class'
LEFT JOIN reference.peer_group AS region ON region.ags = numbered.ags AND region.peer_kind = 'macro_region'
