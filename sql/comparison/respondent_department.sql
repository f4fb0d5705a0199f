-- One row is a group of departments of respondents in a wave, over all municipalities, or several small ones together.
-- Grain: wave, department_group.
-- Inputs: disclosure.respondent_group, reference.department_group.
SELECT
    told.wave,
    told.shown_group AS department_group,
    CASE told.shown_group
        WHEN 'merged' THEN 'übrige Fachbereiche'
        WHEN 'not_stated' THEN 'nicht angegeben'
        ELSE any_value(named.label_de)
    END AS label_de,
    any_value(told.is_synthetic) AS is_synthetic,
    any_value(told.withheld_because) AS withheld_because,
    any_value(told.n_municipalities) AS n_municipalities,
    CASE WHEN any_value(told.withheld_because) IS NULL THEN any_value(told.n_responses) END AS n_responses,
    CASE WHEN any_value(told.withheld_because) IS NULL THEN sum(told.n)::BIGINT END AS n,
    CASE WHEN any_value(told.withheld_because) IS NULL THEN sum(told.n) / any_value(told.n_responses) END AS share
FROM disclosure.respondent_group AS told
LEFT JOIN reference.department_group AS named ON named.department_group = told.shown_group
WHERE told.group_kind = 'department'
GROUP BY told.wave, told.shown_group
