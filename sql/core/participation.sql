-- One row is an actor group in a workshop.
-- Grain: workshop_id, actor_group.
-- Inputs: raw.participation, raw.delivery.
SELECT
    delivery.ags || '/' || delivery.workshop_on AS workshop_id,
    participation.actor_group,
    sum(participation.persons) AS persons
FROM raw.participation AS participation
JOIN raw.delivery AS delivery USING (delivery_id)
WHERE delivery.status IN ('loaded', 'partly_quarantined')
GROUP BY delivery.ags, delivery.workshop_on, participation.actor_group
