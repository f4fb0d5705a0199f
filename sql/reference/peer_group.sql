-- One row is a municipality in a group of similar ones, of one kind of similarity.
-- Grain: peer_kind, ags.
-- A Kreis stands in no size class of towns. Municipalities that take part as members of a Kreis
-- are compared, but never counted into a group: the Kreis stands there already.
-- Inputs: reference.municipality, reference.participant, reference.size_class, reference.land.
WITH described AS (
    SELECT
        municipality.ags,
        municipality.type,
        land.macro_region,
        participant.cohort,
        coalesce(size_class.size_class, 'KR') AS size_class,
        coalesce(size_class.label_de, 'Kreis') AS size_label,
        municipality.member_of IS NULL AS is_counted
    FROM reference.municipality AS municipality
    LEFT JOIN reference.participant AS participant ON participant.participant = municipality.ags
    LEFT JOIN reference.land AS land ON land.land_code = left(municipality.ags, 2)
    LEFT JOIN reference.size_class AS size_class
        ON length(municipality.ags) = 8
        AND municipality.population >= size_class.population_from
        AND municipality.population < coalesce(size_class.population_below, 1000000000)
)
SELECT 'all' AS peer_kind, 'all' AS peer_group, 'alle Kommunen' AS label_de, ags, is_counted
FROM described
UNION ALL
SELECT 'size_class', size_class, size_label, ags, is_counted
FROM described
UNION ALL
SELECT 'type', type, type, ags, is_counted
FROM described
UNION ALL
SELECT 'cohort', cohort::VARCHAR, 'Aufnahme unter den ersten ' || cohort, ags, is_counted
FROM described
WHERE cohort IS NOT NULL
UNION ALL
SELECT 'macro_region', macro_region, macro_region, ags, is_counted
FROM described
WHERE macro_region IS NOT NULL
