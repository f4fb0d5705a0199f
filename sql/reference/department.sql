-- One row is a pattern that tells the group of a department from its name.
-- Grain: position.
-- Inputs: departments.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/departments.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'position': 'VARCHAR', 'pattern': 'VARCHAR', 'department_group': 'VARCHAR'}
)
