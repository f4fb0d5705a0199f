-- Offends: contributions that the comparison counts differently than the warehouse holds.
-- Says: Der Vergleich zählt andere Beiträge, als der Bestand enthält.
-- Inputs: comparison.workshop_contribution, core.contribution.
SELECT counted.n AS counted, held.n AS held
FROM (SELECT coalesce(sum(n_contributions), 0) AS n FROM comparison.workshop_contribution) AS counted
CROSS JOIN (SELECT count(*) AS n FROM core.contribution) AS held
WHERE counted.n <> held.n
