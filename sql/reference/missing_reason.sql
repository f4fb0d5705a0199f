-- One row is a missing reason.
-- Grain: missing_reason.
-- Inputs: missing_reasons.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/missing_reasons.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'missing_reason': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR', 'description_de': 'VARCHAR'}
)
