-- One row is a word or phrase that marks a test entry when it is all a free text says.
-- Grain: word.
-- Inputs: test_words.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/test_words.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'word': 'VARCHAR'}
)
