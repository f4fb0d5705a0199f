-- One row is a guiding question.
-- Grain: guiding_question.
-- Inputs: guiding_questions.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/guiding_questions.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'guiding_question': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR'}
)
