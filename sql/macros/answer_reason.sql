-- Gives why there is no answer, of an answer's code; empty with a value.
CREATE OR REPLACE TEMP MACRO answer_reason(code) AS
    [
        'not_chosen', 'not_delivered', 'not_reached', 'skipped', 'dont_know', 'not_applicable',
        'invalid', 'unknown_reason'
    ][code]
