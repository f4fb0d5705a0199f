-- One row is an action field.
-- Grain: action_field.
-- Inputs: action_fields.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/action_fields.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'action_field': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR'}
)
