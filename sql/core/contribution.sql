-- One row is a statement under a guiding question.
-- Grain: contribution_id.
-- Inputs: raw.contribution, raw.delivery.
SELECT
    -- Files of several tools stand side by side; the part keeps their rows apart.
    concat_ws('/', delivery.ags, delivery.workshop_on, nullif(delivery.part, 'whole'), contribution.sheet, contribution.source_row)
        AS contribution_id,
    delivery.ags || '/' || delivery.workshop_on AS workshop_id,
    contribution.guiding_question,
    contribution.action_field,
    contribution.actor_group,
    contribution.points,
    contribution.text
FROM raw.contribution AS contribution
JOIN raw.delivery AS delivery USING (delivery_id)
WHERE delivery.status IN ('loaded', 'partly_quarantined')
