-- Offends: an item whose counts do not add up to the counted forms.
-- Says: Eine Frage zählt mehr Antworten, als Bögen gezählt werden.
-- Inputs: core.answer_count, core.response.
SELECT counts.ags, counts.wave, counts.item_code, counts.n, forms.n AS n_responses
FROM (
    SELECT ags, wave, item_code, sum(n) AS n
    FROM core.answer_count
    GROUP BY ags, wave, item_code
) AS counts
JOIN (
    SELECT ags, wave, count(*) AS n
    FROM core.response
    WHERE excluded_because IS NULL
    GROUP BY ags, wave
) AS forms USING (ags, wave)
WHERE counts.n > forms.n
