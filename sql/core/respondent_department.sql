-- One row is a form with the group of departments it comes from.
-- Grain: response_id.
-- Departments are free text; only their group goes any further. The first pattern that fits decides.
-- Inputs: core.response, core.comment, reference.department.
SELECT
    response.response_id,
    coalesce(
        arg_min(department.department_group, department.position),
        CASE WHEN count(comment.text) > 0 THEN 'other' ELSE 'not_stated' END
    ) AS department_group
FROM core.response AS response
LEFT JOIN core.comment AS comment
    ON comment.response_id = response.response_id
    AND comment.topic = 'department'
    AND text_key(comment.text) <> ''
LEFT JOIN reference.department AS department ON regexp_matches(text_key(comment.text), department.pattern)
GROUP BY response.response_id
