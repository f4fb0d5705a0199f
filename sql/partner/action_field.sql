-- One row is an action field in a wave of a municipality: how far its questions were answered.
-- Grain: ags, action_field, wave. Ordered by ags.
-- Inputs: core.answer_count, core.response_field, reference.action_field, reference.item.
WITH forms AS (
    SELECT
        ags,
        action_field,
        wave,
        -- Of items in a field that was not chosen, only the lowest digit of the code is set.
        count(*) FILTER ((code_1 & ~(code_2 | code_4 | code_8)) <> asked) AS n
    FROM core.response_field
    GROUP BY ags, action_field, wave
),
counts AS (
    SELECT
        counts.ags,
        item.action_field,
        counts.wave,
        coalesce(sum(counts.n) FILTER (counts.missing_reason IS DISTINCT FROM 'not_chosen'), 0)::BIGINT
            AS n_asked,
        coalesce(sum(counts.n) FILTER (
            counts.missing_reason IN
                ('skipped', 'not_reached', 'invalid', 'unknown_reason', 'not_delivered')
        ), 0)::BIGINT AS n_open
    FROM core.answer_count AS counts
    JOIN reference.item AS item USING (item_code)
    GROUP BY counts.ags, item.action_field, counts.wave
)
SELECT
    forms.ags,
    field.action_field,
    field.label_de,
    forms.wave,
    forms.n AS respondents,
    counts.n_asked AS asked,
    counts.n_open AS unanswered
FROM forms
JOIN counts USING (ags, action_field, wave)
JOIN reference.action_field AS field USING (action_field)
ORDER BY forms.ags, field.position, forms.wave
