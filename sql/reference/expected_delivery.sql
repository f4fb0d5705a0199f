-- One row is a delivery that a municipality agreed to send.
-- Grain: ags, kind, wave, due_on.
-- Inputs: expected_deliveries.csv of the reference folder, reference.wave.
SELECT
    expected.ags,
    expected.kind,
    expected.wave,
    coalesce(expected.due_on::DATE, wave.due_on) AS due_on,
    expected.note_de
FROM read_csv(
    getvariable('reference_dir') || '/expected_deliveries.csv',
    header = true, delim = ',', quote = '"', escape = '"', all_varchar = true, auto_detect = false,
    columns = {'ags': 'VARCHAR', 'kind': 'VARCHAR', 'wave': 'VARCHAR', 'due_on': 'VARCHAR', 'note_de': 'VARCHAR'}
) AS expected
LEFT JOIN reference.wave AS wave USING (wave)
