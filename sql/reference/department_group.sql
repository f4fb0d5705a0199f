-- One row is a group of departments.
-- Grain: department_group.
-- Inputs: department_groups.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/department_groups.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'department_group': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR'}
)
