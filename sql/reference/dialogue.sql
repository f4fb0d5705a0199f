-- One row is a residents' dialogue of a municipality.
-- Grain: ags, held_on.
-- Inputs: dialogues.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/dialogues.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'ags': 'VARCHAR', 'held_on': 'VARCHAR', 'source': 'VARCHAR', 'certainty': 'VARCHAR'}
)
