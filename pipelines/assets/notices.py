"""Messages to senders and operator; the release is published before and stays so."""

import dagster as dg

from pipelines.assets.intake import OWNERS
from pipelines.assets.release import release
from pipelines.resources import Night


@dg.asset(
    deps=[release],
    description="Messages about new findings, written to the outbox and sent where a server is set.",
    group_name="release",
    kinds={"python"},
    owners=OWNERS,
)
def notices(night: Night) -> dg.MaterializeResult[None]:
    """Writes messages about what is new and sends what waits; nights without news do so at their end."""
    done = night.notify()
    return dg.MaterializeResult(
        metadata={
            "written": done.written,
            "sent": done.sent,
            "waiting": done.waiting,
            "without_contact": ", ".join(done.without_contact),
            "problems": " ".join(done.problems),
        }
    )
