-- One row is a value of the canonical scale.
-- Grain: value.
-- Inputs: scale.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/scale.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'value': 'VARCHAR', 'label_de': 'VARCHAR'}
)
