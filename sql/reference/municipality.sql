-- One row is a municipality.
-- Grain: ags.
-- Inputs: municipalities.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/municipalities.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'ags': 'VARCHAR', 'label_de': 'VARCHAR', 'type': 'VARCHAR', 'population': 'VARCHAR', 'population_on': 'VARCHAR', 'member_of': 'VARCHAR', 'source': 'VARCHAR'}
)
