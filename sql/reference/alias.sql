-- One row is a spelling of a code.
-- Grain: list, alias.
-- Inputs: aliases.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/aliases.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'list': 'VARCHAR', 'alias': 'VARCHAR', 'code': 'VARCHAR'}
)
