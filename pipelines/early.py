"""The check of new files by day: one step that never holds the lock of a run."""

import dagster as dg

from pipelines.resources import Installation, StepFailedError
from weltoffen_etl.early.rounds import check_inbox
from weltoffen_etl.failures import keep_details, where


@dg.op(out=dg.Out(dg.Nothing))
def check_new_files(context: dg.OpExecutionContext, installation: Installation) -> None:
    """Checks what is new in the inbox and tells its senders; names are masked in the log.

    Raises:
        StepFailedError: unexpected error; its kind and place only.
    """
    settings = installation.settings
    try:
        done = check_inbox(settings)
    except Exception as error:
        keep_details(settings, error)
        raise StepFailedError(where(error)) from None
    for line in done.files:
        context.log.info(f"{line.name}: {line.verdict}, {line.findings}")
    for problem in done.problems:
        context.log.warning(problem)
    context.add_output_metadata(
        {
            "state": done.state,
            "files": len(done.files),
            "written": done.written,
            "sent": done.sent,
            "left": done.left,
        }
    )
