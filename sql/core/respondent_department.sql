-- One row is a form with the group of departments it comes from.
-- Grain: response_id.
-- Departments are free text; only their group goes any further. The first pattern that fits
-- decides; each name is looked up once, however many forms give it.
-- Inputs: core.response, core.comment, reference.department.
WITH named AS (
    SELECT response_id, text_key(text) AS name
    FROM core.comment
    WHERE topic = 'department' AND text_key(text) <> ''
),
known AS (
    SELECT
        names.name,
        min(department.position) AS position,
        arg_min(department.department_group, department.position) AS department_group
    FROM (SELECT DISTINCT name FROM named) AS names
    JOIN reference.department AS department ON regexp_matches(names.name, department.pattern)
    GROUP BY names.name
)
SELECT
    response.response_id,
    coalesce(
        arg_min(known.department_group, known.position),
        CASE WHEN count(named.name) > 0 THEN 'other' ELSE 'not_stated' END
    ) AS department_group
FROM core.response AS response
LEFT JOIN named USING (response_id)
LEFT JOIN known USING (name)
GROUP BY response.response_id
