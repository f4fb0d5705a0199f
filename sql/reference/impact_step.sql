-- One row is a step of the Wirkungstreppe.
-- Grain: step.
-- Inputs: impact_steps.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/impact_steps.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'step': 'VARCHAR', 'level': 'VARCHAR', 'label_de': 'VARCHAR', 'meaning_de': 'VARCHAR', 'can_show': 'VARCHAR', 'indicator_de': 'VARCHAR', 'base_de': 'VARCHAR', 'note_de': 'VARCHAR'}
)
