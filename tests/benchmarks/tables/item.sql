-- One row is a column of the survey tool that holds an item.
SELECT
    source_code,
    item_code,
    action_field,
    sub_theme,
    CAST(page AS INTEGER) AS page,
    CAST(polarity AS INTEGER) AS polarity
FROM $items
