-- One row is a form of a file with everything that was established about it.
-- Grain: delivery_id, source_row.
-- Inputs: form, batch, key_text, ags_reading, wave_reading, answer_label, value_code, scale_code,
-- test_entry, repeated_form, conduct, reference.municipality, reference.wave.
WITH coded AS (
    SELECT
        form.*,
        batch.delivery_id,
        batch.place_ags,
        batch.place_wave,
        batch.place_waves,
        municipality_code.target AS municipality_ags,
        role_code.target AS respondent_role,
        coalesce(overall_label.code, form.overall_text) AS overall_code
    FROM form
    JOIN batch USING (delivery)
    LEFT JOIN answer_label AS municipality_label
        ON municipality_label.question_code = getvariable('municipality_question')
        AND municipality_label.label = text_key(form.municipality_text)
    LEFT JOIN value_code AS municipality_code
        ON municipality_code.question_code = getvariable('municipality_question')
        AND municipality_code.code = coalesce(municipality_label.code, form.municipality_text)
    LEFT JOIN answer_label AS role_label
        ON role_label.question_code = getvariable('role_question')
        AND role_label.label = text_key(form.respondent_role_text)
    LEFT JOIN value_code AS role_code
        ON role_code.question_code = getvariable('role_question')
        AND role_code.code = coalesce(role_label.code, form.respondent_role_text)
    LEFT JOIN answer_label AS overall_label
        ON overall_label.question_code = getvariable('overall_question')
        AND overall_label.label = text_key(form.overall_text)
),
file_waves AS (
    -- The folder lends its wave to a form without one only if no other form speaks against it.
    SELECT
        batch.delivery,
        count(*) FILTER (wave_reading.wave <> batch.place_wave) = 0 AS is_one_wave
    FROM batch
    LEFT JOIN (SELECT DISTINCT delivery, wave_text FROM key_text) AS named USING (delivery)
    LEFT JOIN wave_reading USING (wave_text)
    GROUP BY batch.delivery
),
placed AS (
    SELECT
        coded.*,
        -- NaN and infinity are words to DuckDB's cast, and neither is a number of years.
        CASE
            WHEN isfinite(try_cast(replace(coded.years_text, ',', '.') AS DOUBLE))
                THEN try_cast(replace(coded.years_text, ',', '.') AS DOUBLE)
        END AS years_in_role,
        CASE
            WHEN coded.ags_text IS NOT NULL THEN ags_reading.ags
            ELSE coalesce(coded.municipality_ags, coded.place_ags)
        END AS ags,
        CASE
            WHEN coded.ags_text IS NOT NULL THEN ags_reading.repair
            WHEN coded.municipality_ags IS NOT NULL THEN 'aus der angekreuzten Kommune'
            WHEN getvariable('asks_ags') AND coded.place_ags IS NOT NULL AND coded.has_answered
                THEN 'aus dem Ordner'
        END AS ags_repair,
        CASE
            WHEN coded.wave_text IS NOT NULL THEN wave_reading.wave
            WHEN file_waves.is_one_wave THEN coded.place_wave
        END AS wave,
        CASE
            WHEN coded.wave_text IS NOT NULL THEN wave_reading.repair
            WHEN getvariable('asks_wave')
                AND coded.place_wave IS NOT NULL
                AND file_waves.is_one_wave
                AND coded.has_answered
                THEN 'aus dem Ordner'
        END AS wave_repair
    FROM coded
    LEFT JOIN ags_reading ON ags_reading.ags_text = coded.ags_text
    LEFT JOIN wave_reading ON wave_reading.wave_text = coded.wave_text
    JOIN file_waves ON file_waves.delivery = coded.delivery
),
timed AS (
    SELECT
        placed.*,
        'Welle ' || wave.wave || ' vom ' || strftime(wave.starts_on, '%d.%m.%Y') || ' bis '
            || strftime(wave.due_on, '%d.%m.%Y') AS wave_de,
        wave.starts_on,
        wave.due_on
    FROM placed
    LEFT JOIN reference.wave AS wave ON wave.wave = placed.wave
)
SELECT
    placed.delivery_id,
    placed.source_row,
    placed.response_id_text AS source_response_id,
    count(*) OVER (PARTITION BY placed.delivery, placed.response_id_text) AS response_id_copies,
    placed.ags_text,
    placed.ags,
    placed.ags_repair,
    placed.municipality_ags,
    CASE
        WHEN placed.ags <> placed.place_ags
            AND coalesce(here.member_of, '') <> placed.place_ags
            THEN 'Bogen ' || placed.ags || ', Ordner ' || placed.place_ags
        WHEN placed.ags <> placed.municipality_ags
            THEN 'Schlüssel ' || placed.ags || ', angekreuzt ' || placed.municipality_ags
    END AS ags_conflict,
    placed.wave_text,
    placed.wave,
    placed.wave_repair,
    CASE
        WHEN NOT list_contains(placed.place_waves, placed.wave)
            THEN 'Bogen ' || placed.wave || ', Ordner '
                || array_to_string(placed.place_waves, ', ')
    END AS wave_conflict,
    placed.submitted_at,
    placed.started_at,
    placed.last_action_at,
    CASE
        WHEN placed.submitted_text IS NOT NULL AND placed.submitted_as_read IS NULL
            THEN 'submitted_at'
        WHEN placed.started_text IS NOT NULL AND placed.started_as_read IS NULL
            THEN 'started_at'
        WHEN placed.last_action_text IS NOT NULL AND placed.last_action_as_read IS NULL
            THEN 'last_action_at'
        WHEN placed.filled_on_text IS NOT NULL AND placed.filled_on IS NULL
            THEN 'filled_on'
    END AS unread_time_role,
    CASE unread_time_role
        WHEN 'submitted_at' THEN placed.submitted_text
        WHEN 'started_at' THEN placed.started_text
        WHEN 'last_action_at' THEN placed.last_action_text
        WHEN 'filled_on' THEN placed.filled_on_text
    END AS unread_time,
    CASE
        WHEN coalesce(placed.submitted_at, placed.last_action_at) < placed.started_at
            THEN 'begonnen ' || told_time(placed.started_at, '%d.%m.%Y %H:%M') || ', beendet '
                || told_time(coalesce(placed.submitted_at, placed.last_action_at), '%d.%m.%Y %H:%M')
    END AS times_contradict,
    -- Where both dates lie outside, one finding says so; none where the wave itself is in doubt.
    CASE
        WHEN wave_conflict IS NULL
            AND NOT coalesce(placed.submitted_at, placed.started_at)::DATE
            BETWEEN placed.starts_on AND placed.due_on
            THEN told_time(coalesce(placed.submitted_at, placed.started_at), '%d.%m.%Y') || ', '
                || placed.wave_de
    END AS submitted_outside_wave,
    CASE
        WHEN wave_conflict IS NULL
            AND submitted_outside_wave IS NULL
            AND NOT placed.filled_on BETWEEN placed.starts_on AND placed.due_on
            THEN told_time(placed.filled_on, '%d.%m.%Y') || ', ' || placed.wave_de
    END AS filled_on_outside_wave,
    conduct.straight_lined,
    conduct.speeding,
    placed.last_page,
    placed.is_submitted,
    placed.has_reached_selection,
    CASE WHEN NOT placed.has_answered THEN coalesce(placed.response_id_text, 'ohne Nummer') END
        AS visit_only,
    test_entry.evidence AS test_entry,
    repeated_form.evidence AS repeats_response,
    CASE WHEN NOT list_contains(getvariable('real_cases'), lower(placed.test_text)) THEN placed.test_text END
        AS test_case,
    placed.language_text AS language,
    placed.filled_on,
    placed.respondent_role,
    CASE WHEN placed.respondent_role IS NULL THEN placed.respondent_role_text END AS unread_role,
    placed.years_in_role,
    CASE WHEN placed.years_in_role IS NULL THEN placed.years_text END AS unread_years,
    try_cast(overall.outcome AS INTEGER) AS overall_value,
    CASE
        WHEN try_cast(overall.outcome AS INTEGER) IS NOT NULL THEN NULL
        WHEN overall.outcome IS NOT NULL THEN overall.outcome
        WHEN placed.overall_text IS NOT NULL THEN 'invalid'
        WHEN getvariable('overall_question') IS NULL THEN 'not_delivered'
        WHEN placed.is_submitted THEN 'skipped'
        WHEN placed.last_page IS NULL OR getvariable('overall_page') = 0 THEN 'unknown_reason'
        WHEN placed.last_page >= getvariable('overall_page') THEN 'skipped'
        ELSE 'not_reached'
    END AS overall_missing_reason,
    CASE WHEN overall.outcome IS NULL THEN placed.overall_text END AS unread_overall
FROM timed AS placed
LEFT JOIN conduct ON conduct.form_id = placed.form_id
LEFT JOIN test_entry
    ON test_entry.delivery_id = placed.delivery_id
    AND test_entry.source_row = placed.source_row
LEFT JOIN repeated_form ON repeated_form.form_id = placed.form_id
LEFT JOIN reference.municipality AS here ON here.ags = placed.ags
LEFT JOIN scale_code AS overall
    ON overall.scale = getvariable('overall_scale')
    AND overall.code = placed.overall_code
