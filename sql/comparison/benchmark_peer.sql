-- One row is a municipality that counts in a group of peers, by a number.
-- Grain: peer_kind, peer_group, peer_number.
-- With the setting anonymous_peers the municipality is not named, and numbers follow the MD5 of
-- group and key: neither the order of the keys nor that of another group. No figure is ever told
-- by number.
-- Inputs: reference.peer_group.
SELECT
    peer_kind,
    peer_group,
    row_number() OVER (
        PARTITION BY peer_kind, peer_group
        ORDER BY
            CASE WHEN getvariable('anonymous_peers') THEN md5(peer_kind || ' ' || peer_group || ' ' || ags) ELSE ags END
    ) AS peer_number,
    label_de,
    CASE WHEN NOT getvariable('anonymous_peers') THEN ags END AS ags
FROM reference.peer_group
WHERE is_counted
