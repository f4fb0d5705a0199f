AUDIT (name known_response);
SELECT * FROM @this_model AS answer
WHERE NOT EXISTS (SELECT 1 FROM bench.response AS response WHERE response.response_id = answer.response_id);

AUDIT (name known_item);
SELECT * FROM @this_model AS answer
WHERE NOT EXISTS (SELECT 1 FROM bench.item AS item WHERE item.item_code = answer.item_code);

AUDIT (name known_municipality);
SELECT * FROM @this_model AS response
WHERE NOT EXISTS (SELECT 1 FROM bench.municipality AS place WHERE place.ags = response.ags);

AUDIT (name every_item_answered);
SELECT response_id, count(*) AS n
FROM @this_model
GROUP BY response_id
HAVING count(*) <> (SELECT count(*) FROM bench.item);
