-- One row is an item of the catalogue.
-- Grain: item_code.
-- Inputs: items.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/items.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'item_code': 'VARCHAR', 'action_field': 'VARCHAR', 'sub_theme': 'VARCHAR', 'position': 'VARCHAR', 'polarity': 'VARCHAR', 'text_de': 'VARCHAR'}
)
