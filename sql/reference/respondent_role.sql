-- One row is a role of a respondent.
-- Grain: respondent_role.
-- Inputs: respondent_roles.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/respondent_roles.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'respondent_role': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR'}
)
