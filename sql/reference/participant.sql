-- One row is a model municipality.
-- Grain: participant.
-- Inputs: participants.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/participants.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'participant': 'VARCHAR', 'status': 'VARCHAR', 'cohort': 'VARCHAR', 'cohort_certainty': 'VARCHAR', 'note_de': 'VARCHAR'}
)
