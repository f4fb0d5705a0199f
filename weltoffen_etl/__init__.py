"""The library behind the pipeline: from delivered files to a published release.

Data walks through the rooms in one direction: deliveries → exports → interpret →
quality → warehouse → disclosure → reports. A later room may import an earlier one,
never the other way round. ``settings``, ``catalog``, ``findings`` and ``instrument``
are read by all. Nothing here imports Dagster; the graph lives in ``pipelines``.
"""

import os

# Settings are read by this project alone: no other installed package takes part, and no start
# searches the descriptions of all of them for one that would.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def __getattr__(name: str) -> str:
    """Looks the version up where it is asked for: a command that starts does not wait for it."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("weltoffen-etl")
