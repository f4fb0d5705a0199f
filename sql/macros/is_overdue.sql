-- Gives whether a measure is overdue: its due date lies before the day of the release, and it is
-- neither done nor dropped. On the day itself it is not overdue; without a due date it never is.
CREATE OR REPLACE TEMP MACRO is_overdue(due_on, measure_status) AS
    coalesce(due_on < getvariable('as_of'), false)
    AND coalesce(measure_status, '') NOT IN ('done', 'dropped')
