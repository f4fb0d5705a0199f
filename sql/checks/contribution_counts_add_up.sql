-- Offends: a municipality whose contributions the comparison counts differently than the warehouse holds.
-- Says: Der Vergleich zählt andere Beiträge, als der Bestand enthält.
-- Inputs: comparison.workshop_contribution, core.contribution, core.workshop.
SELECT held.ags, counted.n AS counted, held.n AS held
FROM (
    SELECT workshop.ags, count(contribution.contribution_id) AS n
    FROM core.workshop AS workshop
    LEFT JOIN core.contribution AS contribution USING (workshop_id)
    GROUP BY workshop.ags
) AS held
LEFT JOIN (
    SELECT ags, sum(n_contributions) AS n, bool_or(withheld_because IS NOT NULL) AS is_withheld
    FROM comparison.workshop_contribution
    GROUP BY ags
) AS counted USING (ags)
WHERE NOT coalesce(counted.is_withheld, false) AND counted.n IS DISTINCT FROM held.n
