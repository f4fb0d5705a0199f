-- Gives the item of an answer as core.response_field writes it, „MS01=3“ or „MS01=skipped“.
CREATE OR REPLACE TEMP MACRO answer_item(answer) AS split_part(answer, '=', 1)
