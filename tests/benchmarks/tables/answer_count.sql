-- One row is a value or missing reason of an item in a municipality and wave: the cube.
SELECT
    response.ags,
    response.wave,
    answer.item_code,
    answer.value,
    answer.missing_reason,
    count(*) AS n
FROM $answer AS answer
JOIN $response AS response ON response.response_id = answer.response_id
GROUP BY response.ags, response.wave, answer.item_code, answer.value, answer.missing_reason
