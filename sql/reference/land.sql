-- One row is a Land.
-- Grain: land_code.
-- Inputs: laender.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/laender.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'land_code': 'VARCHAR', 'label_de': 'VARCHAR', 'macro_region': 'VARCHAR'}
)
