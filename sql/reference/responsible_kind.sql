-- One row is a pattern that tells the kind of those responsible for a measure.
-- Grain: position.
-- Inputs: responsible_kinds.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/responsible_kinds.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'position': 'VARCHAR', 'pattern': 'VARCHAR', 'responsible_kind': 'VARCHAR'}
)
