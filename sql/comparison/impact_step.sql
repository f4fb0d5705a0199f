-- One row is a step of the Wirkungstreppe and what the data show of it.
-- Grain: step.
-- Forms, workshops, people's participations and measures add up over all municipalities;
-- municipalities are counted without those that take part as members of a Kreis. All numbers
-- follow from published tables, so nothing withheld is in them.
-- Inputs: reference.impact_step, reference.participant, reference.dialogue, reference.peer_group,
-- comparison.coverage, comparison.process, comparison.workshop_participation,
-- comparison.workshop_contribution, comparison.action_field_score, comparison.measure_summary.
WITH selfcheck AS (
    SELECT ags, wave, max(n_responses) AS n_responses
    FROM comparison.coverage
    WHERE has_delivered
    GROUP BY ags, wave
),
number AS (
    SELECT
        (SELECT count(*) FROM selfcheck) AS n_selfchecks,
        (SELECT coalesce(sum(n_responses), 0) FROM selfcheck) AS n_responses,
        (SELECT coalesce(sum(n_workshops), 0) FROM comparison.process) AS n_workshops,
        (SELECT count(*) FROM reference.dialogue) AS n_dialogues,
        (SELECT count(*) FROM reference.participant) AS n_participants,
        (
            SELECT count(*)
            FROM comparison.process AS process
            JOIN reference.peer_group AS peer ON peer.ags = process.ags AND peer.peer_kind = 'all'
            WHERE peer.is_counted AND (process.process_step <> 'none' OR process.dialogue_on IS NOT NULL)
        ) AS n_active,
        (SELECT coalesce(sum(participations), 0) FROM comparison.workshop_participation) AS n_participations,
        (
            SELECT coalesce(sum(n), 0)
            FROM (
                SELECT max(n_workshops_counted) AS n
                FROM comparison.workshop_participation
                WHERE withheld_because IS NULL
                GROUP BY ags
            )
        ) AS n_workshops_counted,
        (SELECT coalesce(sum(n_answers), 0) FROM comparison.action_field_score) AS n_answers,
        (
            SELECT coalesce(sum(round(n_expected * (1 - share_not_chosen)))::BIGINT, 0)
            FROM comparison.action_field_score
        ) AS n_possible,
        (SELECT coalesce(sum(n_contributions), 0) FROM comparison.workshop_contribution) AS n_contributions,
        (
            SELECT coalesce(sum(n_contributions), 0)
            FROM comparison.workshop_contribution
            WHERE guiding_question = 'strength'
        ) AS n_strength,
        (
            SELECT coalesce(sum(n_contributions), 0)
            FROM comparison.workshop_contribution
            WHERE guiding_question = 'need'
        ) AS n_need,
        (
            SELECT coalesce(sum(n_contributions), 0)
            FROM comparison.workshop_contribution
            WHERE guiding_question = 'cooperation'
        ) AS n_cooperation,
        (SELECT coalesce(sum(n_measures), 0) FROM comparison.measure_summary) AS n_measures,
        (
            SELECT coalesce(sum(n_measures), 0)
            FROM comparison.measure_summary
            WHERE measure_status IN ('in_progress', 'done')
        ) AS n_started,
        (
            SELECT coalesce(sum(n_measures), 0)
            FROM comparison.measure_summary
            WHERE measure_status = 'done'
        ) AS n_done,
        (SELECT bool_or(is_synthetic) FROM comparison.process) AS is_synthetic
),
counted AS (
    SELECT
        step.*,
        number.*,
        CASE step.step
            WHEN 1 THEN number.n_active
            WHEN 2 THEN number.n_participations
            WHEN 3 THEN number.n_answers
            WHEN 4 THEN number.n_contributions
            WHEN 5 THEN number.n_started
        END::BIGINT AS n,
        CASE step.step
            WHEN 1 THEN number.n_participants
            WHEN 2 THEN number.n_workshops_counted
            WHEN 3 THEN number.n_possible
            WHEN 4 THEN number.n_workshops
            WHEN 5 THEN number.n_measures
        END::BIGINT AS base
    FROM reference.impact_step AS step
    CROSS JOIN number
),
spoken AS (
    -- Each placeholder of the reference text gives way to its number.
    SELECT
        *,
        list_reduce(
            [
                [indicator_de, ''],
                ['{n}', n::VARCHAR],
                ['{base}', base::VARCHAR],
                ['{n_selfchecks}', n_selfchecks::VARCHAR],
                ['{n_responses}', n_responses::VARCHAR],
                ['{n_workshops}', n_workshops::VARCHAR],
                ['{n_dialogues}', n_dialogues::VARCHAR],
                ['{n_strength}', n_strength::VARCHAR],
                ['{n_need}', n_need::VARCHAR],
                ['{n_cooperation}', n_cooperation::VARCHAR],
                ['{n_done}', n_done::VARCHAR]
            ],
            LAMBDA told, mark : [replace(told[1], mark[1], coalesce(mark[2], '')), '']
        )[1] AS shows_de
    FROM counted
)
SELECT step, level, label_de, meaning_de, is_synthetic, can_show, shows_de, n, base, base_de, note_de
FROM spoken
