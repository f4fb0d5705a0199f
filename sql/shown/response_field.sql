-- One row is an action field in a form that the comparison may use.
-- Grain: response_id, action_field.
-- Inputs: core.response_field, shown.block.
SELECT field.*
FROM core.response_field AS field
JOIN shown.block AS block USING (ags, wave)
WHERE block.is_compared AND NOT block.is_kept
UNION ALL BY NAME
SELECT before.*
FROM before_response_field AS before
JOIN shown.block AS block USING (ags, wave)
WHERE block.is_compared AND block.is_kept
