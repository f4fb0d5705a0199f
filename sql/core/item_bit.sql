-- One row is an item and its bit in the answers of core.response_field.
-- Grain: item_code.
-- Formula: 2^(place − 1), the place among the items of the action field by code; so there is room
-- for 62 items in a field; a catalogue with more is refused when it is loaded.
-- DuckDB and Spark both run this statement.
-- Inputs: reference.item.
SELECT
    item_code,
    action_field,
    CAST(
        power(2, row_number() OVER (PARTITION BY action_field ORDER BY item_code) - 1) AS BIGINT
    ) AS bit
FROM reference.item
