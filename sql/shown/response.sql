-- One row is a form that the comparison may use: of a block as it is, or as it was last shown.
-- Grain: response_id.
-- Inputs: core.response, core.respondent_department, shown.block.
SELECT
    response.response_id,
    response.ags,
    response.wave,
    response.instrument_id,
    response.is_synthetic,
    response.respondent_role,
    department.department_group
FROM core.response AS response
JOIN core.respondent_department AS department USING (response_id)
JOIN shown.block AS block USING (ags, wave)
WHERE response.excluded_because IS NULL AND block.is_compared AND NOT block.is_kept
UNION ALL BY NAME
SELECT before.*
FROM before_response AS before
JOIN shown.block AS block USING (ags, wave)
WHERE block.is_compared AND block.is_kept
