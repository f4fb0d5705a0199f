-- One row is a status of a measure.
-- Grain: measure_status.
-- Inputs: measure_statuses.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/measure_statuses.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'measure_status': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR'}
)
