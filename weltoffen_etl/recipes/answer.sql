-- Wie schätzt sich Garbsen in der zweiten Erhebung in jedem Handlungsfeld ein, und auf welcher Basis?
SELECT
  f.action_field,
  f.label_de,
  s.n_respondents,
  printf('%.2f', s.mean) AS mean,
  s.withheld_because
FROM comparison.action_field_score AS s
JOIN reference.municipality AS m USING (ags)
JOIN reference.action_field AS f USING (action_field)
WHERE m.label_de = 'Garbsen' AND s.wave = 't1'
ORDER BY f.position
