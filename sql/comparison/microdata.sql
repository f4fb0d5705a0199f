-- One row is an answer of a form under a pseudonym, for those who may compute with single forms.
-- Grain: wave, form, item_code.
-- Empty unless the setting `microdata` is on. Instead of the municipality stand its size class and
-- region. The number of a form follows from what it says and lasts for one release only.
-- Inputs: shown.response_field, reference.item, reference.peer_group.
WITH form AS (
    SELECT
        response_id,
        any_value(ags) AS ags,
        any_value(wave) AS wave,
        md5(string_agg(answers, ' ' ORDER BY action_field)) AS content
    FROM shown.response_field
    WHERE getvariable('microdata')
    GROUP BY response_id
),
numbered AS (
    SELECT
        response_id,
        ags,
        row_number() OVER (PARTITION BY wave ORDER BY content, response_id) AS form
    FROM form
),
said AS (
    SELECT field.response_id, field.wave, unnest(string_split(field.answers, ' ')) AS answer
    FROM shown.response_field AS field
    JOIN numbered USING (response_id)
)
SELECT
    said.wave,
    numbered.form,
    item.item_code,
    size.peer_group AS size_class,
    region.peer_group AS macro_region,
    after_polarity(answer_value(said.answer), item.polarity) AS x,
    answer_reason(said.answer) AS missing_reason
FROM said
JOIN numbered USING (response_id)
JOIN reference.item AS item ON item.item_code = answer_item(said.answer)
LEFT JOIN reference.peer_group AS size ON size.ags = numbered.ags AND size.peer_kind = 'size_class'
LEFT JOIN reference.peer_group AS region ON region.ags = numbered.ags AND region.peer_kind = 'macro_region'
