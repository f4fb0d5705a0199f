-- One row is a wave of a municipality: its forms.
-- Grain: ags, wave. Ordered by ags.
-- Inputs: core.response, quality.municipality_wave, reference.wave.
WITH excluded AS (
    SELECT ags, wave, list(reason ORDER BY reason) AS reasons, list(n ORDER BY reason) AS numbers
    FROM (
        SELECT ags, wave, excluded_because AS reason, count(*) AS n
        FROM core.response
        WHERE excluded_because IS NOT NULL
        GROUP BY ags, wave, excluded_because
    )
    GROUP BY ags, wave
)
SELECT
    quality.ags,
    wave.wave,
    wave.label_de,
    coalesce(quality.n_responses, 0) AS counted,
    coalesce(excluded.reasons, []) AS reasons,
    coalesce(excluded.numbers, []) AS numbers,
    quality.completeness,
    coalesce(quality.rows_quarantined, 0) AS kept_back
FROM quality.municipality_wave AS quality
JOIN reference.wave AS wave ON wave.wave = quality.wave
LEFT JOIN excluded ON excluded.ags = quality.ags AND excluded.wave = quality.wave
ORDER BY quality.ags, wave.position
