-- One row is an actor group.
-- Grain: actor_group.
-- Inputs: actor_groups.csv of the reference folder.
SELECT *
FROM read_csv(
    getvariable('reference_dir') || '/actor_groups.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'actor_group': 'VARCHAR', 'position': 'VARCHAR', 'label_de': 'VARCHAR'}
)
