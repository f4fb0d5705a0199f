-- One row is a wave.
-- Grain: wave.
-- Inputs: waves.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/waves.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'wave': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR', 'starts_on': 'VARCHAR', 'ends_on': 'VARCHAR', 'due_on': 'VARCHAR'}
)
