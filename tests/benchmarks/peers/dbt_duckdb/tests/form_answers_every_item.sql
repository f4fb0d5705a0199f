SELECT response_id, count(*) AS n
FROM {{ ref('answer') }}
GROUP BY response_id
HAVING count(*) <> (SELECT count(*) FROM {{ ref('item') }})
