"""The library behind the pipeline: from delivered files to a published release.

Data walks through the rooms in one direction: deliveries → exports → interpret →
quality → warehouse → disclosure → reports. A later room may import an earlier one,
never the other way round. ``settings``, ``catalog``, ``findings`` and ``instrument``
are read by all. Nothing here imports Dagster; the graph lives in ``pipelines``.
"""

from importlib.metadata import version

__version__ = version("weltoffen-etl")
