-- One row is a file under a path, as it lay in the inbox.
-- Grain: sequence.
-- Inputs: the ledger of the archive.
SELECT
    sequence,
    sha256,
    path,
    size_bytes,
    modified_ns,
    (first_seen_at::TIMESTAMPTZ AT TIME ZONE 'UTC') AS first_seen_at
FROM read_json(
    getvariable('ledger'),
    format = 'newline_delimited',
    columns = {
        sequence: 'INTEGER', sha256: 'VARCHAR', path: 'VARCHAR', size_bytes: 'BIGINT',
        modified_ns: 'BIGINT', first_seen_at: 'VARCHAR'
    }
)
