-- One row is a form that says again what an earlier form of the file said: same municipality,
-- wave, role, years and department, begun within a day, and at least four in five of twenty or
-- more shared answers the same.
-- Grain: form_id.
-- Inputs: alike_person, answer_bits, form.
SELECT
    pair.later_id AS form_id,
    arg_min(earlier.response_id_text, pair.earlier_id) AS evidence
FROM alike_person AS pair
JOIN form AS earlier ON earlier.form_id = pair.earlier_id
JOIN answer_bits AS theirs ON theirs.form_id = pair.earlier_id
JOIN answer_bits AS mine ON mine.form_id = pair.later_id
WHERE bit_count(mine.answered & theirs.answered) >= 20
    AND coalesce(bit_count(mine.ones & theirs.ones), 0)
        + coalesce(bit_count(mine.twos & theirs.twos), 0)
        + coalesce(bit_count(mine.threes & theirs.threes), 0)
        + coalesce(bit_count(mine.fours & theirs.fours), 0)
        >= 0.8 * bit_count(mine.answered & theirs.answered)
GROUP BY pair.later_id
