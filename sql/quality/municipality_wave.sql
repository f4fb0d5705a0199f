-- One row is a municipality in a wave: how far its self-check data can be trusted.
-- Grain: ags, wave.
-- Formulas (all from 0 to 1, more is better):
--   completeness = explicit answers / questions of chosen fields; "don't know" is an answer;
--   acceptance = rows taken / rows delivered, in the files in force;
--   timeliness = 1 in time, then 1/30 less a day, 0 when overdue;
--   consistency = 1 - counted forms with a warning on key, form or answers / counted forms;
--   score = 100 * mean of the parts that are known.
-- Inputs: quality.expected_delivery, quality.finding, quality.quarantine, raw.delivery,
-- raw.response, core.response, core.answer_count, shown.block.
WITH place AS (
    SELECT ags, wave FROM quality.expected_delivery WHERE kind = 'selfcheck'
    UNION
    SELECT ags, wave FROM core.response
    UNION
    SELECT ags, wave FROM raw.delivery WHERE kind = 'selfcheck' AND ags IS NOT NULL AND wave IS NOT NULL
),
files AS (
    SELECT
        coalesce(response.ags, delivery.ags) AS ags,
        coalesce(response.wave, delivery.wave) AS wave,
        count(DISTINCT delivery.delivery_id) AS n_files,
        count(DISTINCT delivery.delivery_id) FILTER (delivery.status = 'superseded') AS n_superseded,
        count(response.source_row) FILTER (delivery.status IN ('loaded', 'partly_quarantined'))
            AS rows_loaded
    FROM raw.delivery AS delivery
    LEFT JOIN raw.response AS response USING (delivery_id)
    WHERE delivery.kind = 'selfcheck'
    GROUP BY ALL
),
kept_back AS (
    SELECT quarantine.ags, quarantine.wave, count(*) AS rows_quarantined
    FROM quality.quarantine AS quarantine
    JOIN raw.delivery AS delivery USING (delivery_id)
    WHERE delivery.status <> 'superseded' AND delivery.kind = 'selfcheck'
    GROUP BY quarantine.ags, quarantine.wave
),
forms AS (
    SELECT
        response.ags,
        response.wave,
        bool_or(response.is_synthetic) AS is_synthetic,
        count(*) FILTER (response.excluded_because IS NULL) AS n_responses,
        count(*) FILTER (response.excluded_because IS NULL AND doubt.source_row IS NOT NULL)
            AS n_doubtful
    FROM core.response AS response
    LEFT JOIN (
        SELECT DISTINCT delivery_id, source_row
        FROM quality.finding
        WHERE severity = 'warning' AND topic IN ('key', 'response', 'answer')
    ) AS doubt USING (delivery_id, source_row)
    GROUP BY response.ags, response.wave
),
answers AS (
    SELECT
        ags,
        wave,
        sum(n) FILTER (value IS NOT NULL OR missing_reason IN ('dont_know', 'not_applicable'))
            / nullif(sum(n) FILTER (missing_reason IS DISTINCT FROM 'not_chosen'), 0) AS completeness
    FROM core.answer_count
    GROUP BY ags, wave
),
noticed AS (
    SELECT
        ags,
        wave,
        count(*) FILTER (severity = 'critical') AS n_critical,
        count(*) FILTER (severity = 'warning') AS n_warnings,
        count(*) FILTER (severity = 'info') AS n_infos
    FROM quality.finding
    WHERE is_current AND kind = 'selfcheck'
    GROUP BY ags, wave
),
parts AS (
    SELECT
        place.ags,
        place.wave,
        coalesce(forms.is_synthetic, false) AS is_synthetic,
        -- While a few forms wait to be shown, so does what they change here.
        coalesce(block.is_kept, false) AS is_suppressed,
        coalesce(expected.status, 'unexpected') AS status,
        expected.due_on,
        expected.received_on,
        coalesce(files.n_files, 0) AS n_files,
        coalesce(files.n_superseded, 0) AS n_superseded,
        coalesce(forms.n_responses, 0) AS n_responses,
        coalesce(files.rows_loaded, 0) AS rows_loaded,
        coalesce(kept_back.rows_quarantined, 0) AS rows_quarantined,
        coalesce(noticed.n_critical, 0) AS n_critical,
        coalesce(noticed.n_warnings, 0) AS n_warnings,
        coalesce(noticed.n_infos, 0) AS n_infos,
        answers.completeness::DOUBLE AS completeness,
        files.rows_loaded
            / nullif(files.rows_loaded + coalesce(kept_back.rows_quarantined, 0), 0) AS acceptance,
        CASE
            WHEN expected.status = 'overdue' THEN 0
            WHEN expected.received_on IS NOT NULL THEN greatest(0, 1 - expected.days_late / 30)
        END::DOUBLE AS timeliness,
        1 - forms.n_doubtful / nullif(forms.n_responses, 0) AS consistency
    FROM place
    LEFT JOIN quality.expected_delivery AS expected
        ON expected.kind = 'selfcheck' AND expected.ags = place.ags AND expected.wave = place.wave
    LEFT JOIN files ON files.ags = place.ags AND files.wave = place.wave
    LEFT JOIN kept_back ON kept_back.ags = place.ags AND kept_back.wave = place.wave
    LEFT JOIN forms ON forms.ags = place.ags AND forms.wave = place.wave
    LEFT JOIN shown.block AS block ON block.ags = place.ags AND block.wave = place.wave
    LEFT JOIN answers ON answers.ags = place.ags AND answers.wave = place.wave
    LEFT JOIN noticed ON noticed.ags = place.ags AND noticed.wave = place.wave
)
SELECT
    *,
    100 * list_avg([completeness, acceptance, timeliness, consistency]) AS score
FROM parts
