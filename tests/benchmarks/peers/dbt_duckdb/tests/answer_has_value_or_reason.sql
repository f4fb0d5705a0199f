SELECT * FROM {{ ref('answer') }} WHERE (value IS NULL) = (missing_reason IS NULL)
