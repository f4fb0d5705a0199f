-- One row is a size class.
-- Grain: size_class.
-- Inputs: size_classes.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/size_classes.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'size_class': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR', 'population_from': 'VARCHAR', 'population_below': 'VARCHAR'}
)
