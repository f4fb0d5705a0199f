-- One row is a form, typed.
SELECT
    response_id,
    id AS source_response_id,
    "AGS" AS ags,
    welle AS wave,
    submitdate IS NOT NULL AS is_submitted,
    CAST(lastpage AS INTEGER) AS last_page,
    CAST(submitdate AS TIMESTAMP) AS submitted_at,
    CAST(startdate AS TIMESTAMP) AS started_at,
    CAST(CAST(datum AS TIMESTAMP) AS DATE) AS filled_on,
    startlanguage AS language,
    rolle AS respondent_role,
    CAST(jahre AS DOUBLE) AS years_in_role,
    CAST("GES" AS INTEGER) AS overall_value,
    coalesce("HF[MS]" = 'Y', false) AS chose_ms,
    coalesce("HF[IA]" = 'Y', false) AS chose_ia,
    coalesce("HF[FZ]" = 'Y', false) AS chose_fz,
    coalesce("HF[AW]" = 'Y', false) AS chose_aw,
    coalesce("HF[EB]" = 'Y', false) AS chose_eb,
    coalesce("HF[ZB]" = 'Y', false) AS chose_zb,
    coalesce("HF[KK]" = 'Y', false) AS chose_kk
FROM $wide
